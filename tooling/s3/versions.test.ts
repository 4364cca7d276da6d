import { afterAll, describe, expect, it } from 'vitest'
import { type Bucket, makeBucket } from './bucket.ts'
import { openEndpoint } from './endpoint.ts'
import { send } from './signed-request.ts'

const endpoint = await openEndpoint()
const made: Bucket[] = []
afterAll(async () => {
  for (const bucket of made) await bucket.remove()
  await endpoint.close()
})

async function newBucket() {
  const bucket = await makeBucket(endpoint)
  made.push(bucket)
  const ask = (method: string, key: string, body = '', query: Record<string, string> = {}) =>
    send(endpoint, {
      method,
      path: `/${bucket.name}/${key.split('/').map(encodeURIComponent).join('/')}`,
      query,
      body,
      headers: {},
    })
  return {
    bucket,
    put: (key: string, body: string) => ask('PUT', key, body),
    remove: (key: string) => ask('DELETE', key),
    get: async (key: string, versionId?: string) =>
      (await ask('GET', key, '', versionId === undefined ? {} : { versionId })).text(),
    list: async (query: Record<string, string>) =>
      (
        await send(endpoint, {
          method: 'GET',
          path: `/${bucket.name}`,
          query: { versions: '', ...query },
          body: '',
          headers: {},
        })
      ).text(),
  }
}

describe('a bucket with versions', () => {
  it('keeps every state of a key, newest first, including deletions', async () => {
    const { bucket, put, remove, get } = await newBucket()
    await bucket.versioning('Enabled')
    await put('a', 'one')
    await put('a', 'two')
    await remove('a')
    await expect(get('a')).rejects.toThrow('NoSuchKey')
    await put('a', 'three')
    const versions = await bucket.versions()
    expect(versions.map(({ isMarker }) => isMarker)).toEqual([false, true, false, false])
    const texts = versions.filter(({ isMarker }) => !isMarker).map(({ id }) => get('a', id))
    expect(await Promise.all(texts)).toEqual(['three', 'two', 'one'])
    await expect(get('a', versions[1]?.id)).rejects.toThrow(/405|404/)
    expect(await bucket.keys()).toEqual(['a'])
  })

  it('lists everything once, whatever the size of the pages', async () => {
    const { bucket, put, remove, list } = await newBucket()
    await bucket.versioning('Enabled')
    for (const key of ['b', 'a', 'a', 'a', 'ü + %', 'b']) await put(key, key)
    await remove('b')
    const all = await bucket.versions()
    expect(all.map(({ key }) => key)).toEqual(['a', 'a', 'a', 'b', 'b', 'b', 'ü + %'])
    const ids: string[] = []
    let markers: Record<string, string> | undefined = {}
    while (markers !== undefined) {
      const page: string = await list({ 'max-keys': '2', ...markers })
      ids.push(...[...page.matchAll(/<VersionId>([^<]+)</g)].map(([, id = '']) => id))
      const [, key] = /<NextKeyMarker>([^<]*)</.exec(page) ?? []
      const [, id = ''] = /<NextVersionIdMarker>([^<]*)</.exec(page) ?? []
      markers = key === undefined ? undefined : { 'key-marker': key, 'version-id-marker': id }
    }
    expect(ids).toEqual(all.map(({ id }) => id))
  })

  it('has one unnamed version of what was written while versioning was off or suspended', async () => {
    const { bucket, put, remove, get } = await newBucket()
    await put('a', 'before')
    await bucket.versioning('Enabled')
    await put('a', 'with a version')
    expect(await get('a', 'null')).toBe('before')
    await bucket.versioning('Suspended')
    await put('a', 'suspended')
    await expect(bucket.versions()).resolves.toMatchObject([{ id: 'null' }, {}])
    expect(await get('a', 'null')).toBe('suspended')
    await remove('a')
    await expect(bucket.versions()).resolves.toMatchObject([{ id: 'null', isMarker: true }, {}])
  })

  it('shows an earlier version again once the newer ones are permanently deleted', async () => {
    const { bucket, put, remove, get } = await newBucket()
    await bucket.versioning('Enabled')
    await put('a', 'one')
    await remove('a')
    const [marker] = await bucket.versions()
    if (marker === undefined) throw new Error('no marker')
    await bucket.removeVersion(marker)
    expect(await get('a')).toBe('one')
  })
})

describe('the small server with a clock of its own', () => {
  it.runIf(endpoint.server === 'local')('reports times in whole seconds if configured', async () => {
    const small = await openEndpoint({}, { now: () => 1_700_000_000_789, wholeSeconds: true })
    const bucket = await makeBucket(small)
    const answer = await send(small, {
      method: 'PUT',
      path: `/${bucket.name}/a`,
      query: {},
      body: 'a',
      headers: {},
    })
    expect(answer.headers.get('date')).toBe('Tue, 14 Nov 2023 22:13:20 GMT')
    await expect(bucket.versions()).resolves.toMatchObject([{ modified: 1_700_000_000_000 }])
    await small.close()
  })
})
