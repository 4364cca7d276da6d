import { Database } from 's3db.js'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import type { Client } from '../src/client/database.js'
import { inFlight } from '../src/client/in-flight.js'
import { readObject } from '../src/client/objects.js'
import { listObjects } from '../src/listing/listing.js'
import { objectReads } from '../src/reading/object-reads.js'
import { quickReads } from '../src/reading/quick-reads.js'
import { databaseSource } from '../src/reading/source.js'
import { call, open, ours } from './databases.js'

const { address, proxy } = await s3Server()
afterEach(() => proxy.clear())

/** As users have it: with the pool of s3db.js and its retries. */
const asItComes = { clientOptions: { httpClientOptions: { useReckerHandler: false } } }

const records = 200
const texts = [
  'plain',
  'naïve café',
  '日本語 😀',
  ' blanks  inside ',
  'null',
  '{"a":1}',
  "it's (100) *done*!",
  'é'.repeat(90),
]
const place = address('filled')

/** Records with ids that paths have to encode and values that headers have to. */
beforeAll(async () => {
  const database = new Database({ connectionString: place, logLevel: 'silent', exitOnSignal: false, ...onS3 })
  await database.connect()
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string' },
    behavior: 'body-overflow',
  })
  for (let at = 0; at < records; at++) {
    const name = texts[at % texts.length] ?? ''
    await users.insert({ id: `${at} ${name.replace(/[{}":]/g, '')}`, name })
  }
  await database.disconnect()
})

const clientOf = async () => ours(await open(place, onS3)).client

async function listed(client: Client) {
  const all: { key: string; bytes: number | undefined }[] = []
  for await (const page of listObjects(client, 'resource=users/data/id=', call)) all.push(...page)
  return all
}

const requested = () => proxy.log.filter(({ request }) => /^GET \S*\/data\//.test(request)).length

describe('reading records without a body from S3', () => {
  it('returns exactly what the ordinary way returns, whatever is in ids and values', async () => {
    const client = await clientOf()
    const quick = quickReads(client)
    const all = await listed(client)
    expect(all.length).toBe(records)
    let quickly = 0
    for (const { key } of all) {
      const object = await quick.read({ key }, call)
      if (object === 'ordinary') continue
      quickly += 1
      expect(object).toEqual(await readObject(client, key, call))
    }
    expect(quickly).toBe(records - 32)
  })

  it('detects a deleted object at once, and reads one with a body the ordinary way', async () => {
    const client = await clientOf()
    const quick = quickReads(client)
    const all = await listed(client)
    for (const { key } of all.slice(0, 50)) await quick.read({ key }, call)
    proxy.clear()
    expect(await quick.read({ key: 'resource=users/data/id=nobody' }, call)).toBeUndefined()
    expect(requested()).toBe(1)
    await client.putObject({ key: 'somewhere else', metadata: { _v: 'v1' }, body: 'some text' })
    expect(await quick.read({ key: 'somewhere else' }, call)).toBe('ordinary')
    expect(await quick.read({ key: all[60]?.key ?? '' }, call)).not.toBe('ordinary')
  })

  it('stops waiting for a silent server and leaves the object to the ordinary way', async () => {
    const client = await clientOf()
    const quick = quickReads(client, 200)
    const all = await listed(client)
    for (const { key } of all.slice(0, 50)) await quick.read({ key }, call)
    proxy.add({ match: /^GET /, fault: { kind: 'silence' }, times: 1 })
    expect(await quick.read({ key: all[60]?.key ?? '' }, call)).toBe('ordinary')
    expect(await quick.read({ key: all[60]?.key ?? '' }, call)).not.toBe('ordinary')
  })

  it('falls back for good if the quick way is refused for a reason other than load', async () => {
    const client = await clientOf()
    const quick = quickReads(client)
    const all = await listed(client)
    for (const { key } of all.slice(0, 50)) await quick.read({ key }, call)
    proxy.add({ match: /^GET /, fault: { kind: 'answer', status: 403, code: 'AccessDenied' }, times: 1 })
    expect(await quick.read({ key: all[60]?.key ?? '' }, call)).toBe('ordinary')
    proxy.clear()
    expect(await quick.read({ key: all[61]?.key ?? '' }, call)).toBe('ordinary')
    expect(requested()).toBe(0)
  })

  it('is not used if something between the client and its user changes answers', async () => {
    const database = await open(place, onS3)
    const sdk = Reflect.get(database.client, 'client')
    sdk.middlewareStack.add(
      (next: (args: unknown) => Promise<{ output: object }>) => async (args: unknown) => {
        const { output, ...rest } = await next(args)
        return { ...rest, output: { ...output, ContentType: 'text/changed' } }
      },
      { step: 'initialize', name: 'change' },
    )
    const { client } = ours(database)
    const quick = quickReads(client)
    for (const { key } of await listed(client)) {
      const object = await quick.read({ key }, call)
      if (object !== 'ordinary') expect(object).toMatchObject({ contentType: 'text/changed' })
    }
    expect(await quick.read({ key: 'any' }, call)).toBe('ordinary')
  })

  it('is not used with a client that cannot be watched', async () => {
    const { client } = ours(await open(place, onS3))
    const closed = {
      send: () => undefined,
      config: { requestHandler: { handle: () => undefined } },
      middlewareStack: { clone: () => ({}), addRelativeTo: () => undefined },
    }
    const quick = quickReads(Object.create(client, { client: { value: closed } }))
    for (let asked = 0; asked < 40; asked++) expect(await quick.read({ key: 'any' }, call)).toBe('ordinary')
  })
})

describe('a server that is sometimes overloaded', () => {
  it('gets fewer requests at once, then more again, and every record is read', async () => {
    const database = ours(await open(place, asItComes))
    const { client } = database
    const all = await listed(client)
    const reads = inFlight(64)
    const objects = objectReads(client, reads)
    const seen: number[] = []
    const readAll = async () => {
      const found = await Promise.all(
        all.map(async (one) => {
          const object = await objects.read(one, call)
          seen.push(reads.limit())
          return object
        }),
      )
      expect(found.filter((object) => object === undefined)).toEqual([])
    }
    await readAll()
    const before = reads.limit()
    expect(before).toBeGreaterThanOrEqual(16)

    for (const skip of [10, 60, 110])
      proxy.add({
        match: /^GET \S*\/data\//,
        skip,
        times: 12,
        fault: { kind: 'answer', status: 503, code: 'SlowDown' },
      })
    seen.length = 0
    await readAll()
    expect(proxy.log.filter(({ fault }) => fault === 'answer').length).toBe(36)
    const lowest = Math.min(...seen)
    expect(lowest).toBeLessThanOrEqual(before / 2)

    proxy.clear()
    seen.length = 0
    // More requests in flight are tried. Whether they are kept depends on how much faster they are.
    for (let again = 0; again < 10 && Math.max(0, ...seen) <= lowest; again++) await readAll()
    expect(Math.max(...seen)).toBeGreaterThan(lowest)
  })

  it('loses no record of a backup to it', async () => {
    const database = ours(await open(place, asItComes))
    proxy.add({
      match: /^GET \S*\/data\//,
      skip: 50,
      times: 30,
      fault: { kind: 'answer', status: 503, code: 'SlowDown' },
    })
    const ids = new Set<string>()
    for await (const { rows, lost } of databaseSource(database).read('users', call)) {
      for (const { id } of rows) ids.add(id)
      expect(lost).toEqual([])
    }
    expect(ids.size).toBe(records)
    expect(proxy.log.some(({ fault }) => fault === 'answer')).toBe(true)
  })
})
