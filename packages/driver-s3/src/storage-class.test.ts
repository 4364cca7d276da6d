import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { patterned } from '@s3db-backup/driver-testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { testBucket } from '../test/bucket.js'
import { s3 } from './s3.js'

const bucket = await testBucket()
const driver = s3({
  ...bucket.options,
  storageClass: 'GLACIER',
  tags: { team: 'data & more' },
  timeout: 30_000,
})
const { signal } = new AbortController()
afterAll(async () => {
  await driver.close?.()
  await bucket.remove()
})

async function classOf(key: string): Promise<string> {
  const { StorageClass = 'STANDARD' } = await bucket.client.send(
    new HeadObjectCommand({ Bucket: bucket.name, Key: `${bucket.options.prefix}/${key}` }),
  )
  return StorageClass
}

it.each([
  's3db.json',
  'users.index.jsonl.gz',
  'users.index.2.jsonl.gz',
  'users.lost.jsonl',
  'keys.json',
  'keys-2.json',
])('%s stays readable at once, whatever the storage class of the parts', async (file) => {
  await driver.put(`hot/${file}`, patterned(10), { signal })
  expect(await classOf(`hot/${file}`)).toBe('STANDARD')
})

it.each(['users.jsonl.gz', 'index.jsonl.gz', 's3db.json.jsonl', 'keyboards.jsonl', 'users.raw.jsonl.gz'])(
  '%s gets the storage class that was asked for',
  async (file) => {
    await driver.put(`cold/${file}`, patterned(10), { signal })
    expect(await classOf(`cold/${file}`)).toBe('GLACIER')
  },
)

it('a multipart upload gets the storage class as well', async () => {
  await driver.put('cold/large', patterned(9_000_000), { signal })
  expect(await classOf('cold/large')).toBe('GLACIER')
})

async function read(key: string): Promise<number> {
  let bytes = 0
  for await (const chunk of driver.get(key, { signal })) bytes += chunk.byteLength
  return bytes
}

describe('an archived object', () => {
  /** Ceph keeps the name of the class and reads the object at once. */
  const archives = ['local', 'moto'].includes(bucket.endpoint.server)

  it.runIf(archives)('cannot be read: the error says so and what to do', async () => {
    await driver.put('a/1', patterned(10), { signal })
    await expect(read('a/1')).rejects.toMatchObject({
      code: 'unavailable',
      metadata: { archived: true, storageClass: 'GLACIER' },
      suggestion: expect.stringContaining('thaw'),
    })
  })

  it('can be read after a thaw', async () => {
    const keys = ['t/1', 't/2', 't/s3db.json']
    for (const key of keys) await driver.put(key, patterned(10), { signal })
    const events: string[] = []
    const options = {
      signal,
      days: 1,
      interval: 50,
      onEvent: ({ type }: { type: string }) => events.push(type),
    }
    const report = await driver.thaw(keys, options)
    expect(report).toEqual({ objects: 3, requested: archives ? 2 : 0 })
    for (const key of keys) expect(await read(key)).toBe(10)
    if (archives) expect(events.filter((type) => type === 'thaw-requested')).toHaveLength(2)
    expect(await driver.thaw(keys, options)).toEqual({ objects: 3, requested: 0 })
  })

  it('that is missing makes a thaw fail', async () => {
    await expect(driver.thaw(['t/none'], { signal })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is waited for only until the abort', async () => {
    await driver.put('w/1', patterned(10), { signal })
    const abort = new AbortController()
    const onEvent = ({ type }: { type: string }) => {
      if (type === 'thaw-waiting') abort.abort('enough')
    }
    const thawing = driver.thaw(['w/1'], { signal: abort.signal, interval: 3_600_000, onEvent })
    if (archives) await expect(thawing).rejects.toBe('enough')
    else await thawing
  })
})
