import { backup, type IndexEntry } from '@s3db-backup/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryStore } from './incremental/memory-store.js'
import {
  connect,
  contentsOf,
  freshName,
  isRecord,
  restoredRecords,
  sourceOf,
} from './incremental/real-database.js'
import { countRequests, likeS3, type S3Like } from './incremental/s3-like.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2024, 2, 15) })
})
afterEach(() => {
  vi.useRealTimers()
})

const idOf = (i: number) => `r${String(i).padStart(5, '0')}`

/** A database as on S3 with so many records, one written every so many ms, the last one later than the others. */
async function openDatabase(records: number, { apart = 5000, s3 = {} as S3Like } = {}) {
  const database = await connect(`memory://${freshName()}/below`, (client) => likeS3(client, s3))
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  const put = (i: number, name: string) =>
    database.client.putObject({
      key: `resource=users/data/id=${idOf(i)}`,
      metadata: { ...(users.schema.map && { [users.schema.map.name!]: name }), _v: 'v1' },
      body: '',
      contentType: 'application/octet-stream',
    })
  for (let i = 0; i < records - 1; i++) {
    await put(i, 'first')
    vi.setSystemTime(Date.now() + apart)
  }
  vi.setSystemTime(Date.now() + 60_000)
  await put(records - 1, 'first')
  const store = memoryStore()
  const full = () => backup({ source: sourceOf(database), driver: store })
  const incremental = () => {
    vi.setSystemTime(Date.now() + 60_000)
    return backup({ source: sourceOf(database), driver: store, type: 'incremental', incremental: {} })
  }
  return { database, users, put, store, full, incremental }
}

/** Listings of counters, history and plugins' data, which most databases have none of, and of the resources' names. */
const constantListings = 5

/** The definitions are read when the backup begins and when it ends. */
const definitionReads = 2

describe.each([1, 999, 1000, 1001, 2500])('an incremental backup of %i records', (records) => {
  it('takes a request per page, one per changed record, and a few more', async () => {
    const { database, put, full, incremental } = await openDatabase(records)
    await full()
    const requests = countRequests(database.client)
    await incremental()
    const pages = Math.ceil(records / 1000)
    // The last record of a page may have been written again in the second of the full backup, so it is read again.
    expect(requests).toEqual({ list: pages + constantListings, get: pages + definitionReads, head: 0 })

    const changed = Math.min(records - 1, 7)
    for (let i = 0; i < changed; i++) await put((i * 3) % (records - 1), 'second')
    Object.assign(requests, { list: 0, get: 0 })
    const { manifest } = await incremental()
    expect(requests).toEqual({ list: pages + constantListings, get: changed + 1 + definitionReads, head: 0 })
    expect(manifest.resources.users).toMatchObject({ recordCount: changed, replacedCount: changed })
  })
})

it('records written at the same time are read again once, and then only the newest', async () => {
  const { database, full, incremental } = await openDatabase(2500, { apart: 1 })
  await full()
  const requests = countRequests(database.client)
  const { manifest } = await incremental()
  expect(requests.get).toBeGreaterThan(1000)
  expect(manifest.resources.users).toMatchObject({ recordCount: 0, deletedCount: 0 })
  Object.assign(requests, { list: 0, get: 0 })
  await incremental()
  expect(requests).toEqual({ list: 3 + constantListings, get: 1 + definitionReads, head: 0 })
})

it('deletions are found by the listing, and each is confirmed with one request', async () => {
  const { database, users, put, full, incremental } = await openDatabase(1500)
  await put(1499, 'last')
  await full()
  await incremental()
  for (const i of [0, 700, 1000, 1498]) await users.delete(idOf(i))
  const requests = countRequests(database.client)
  const { manifest } = await incremental()
  expect(requests).toEqual({ list: 2 + constantListings, get: 1 + 4 + definitionReads, head: 0 })
  expect(manifest.resources.users).toMatchObject({
    recordCount: 0,
    deletedCount: 4,
    totalCount: 1496,
    secondLook: { missing: 4, asked: 4, gone: 4, found: 0, kept: 0, listings: 0, requests: 4 },
  })
})

it('a record that was deleted and created again between listing and reading is not lost', async () => {
  const s3: S3Like = {}
  const { database, put, store, full } = await openDatabase(3, { s3 })
  const key = `resource=users/data/id=${idOf(1)}`
  let deleted = false
  s3.onRead = async (read, when) => {
    if (read !== key || when !== 'before' || deleted) return
    deleted = true
    await database.client.deleteObject(key)
  }
  s3.onPage = async (prefix) => {
    if (prefix === key) await put(1, 'again')
  }
  const { id, manifest } = await full()
  expect(manifest).toMatchObject({ status: 'completed', resources: { users: { recordCount: 3, lost: [] } } })
  expect(await restoredRecords(store, id)).toEqual(await contentsOf(database, isRecord))
})

describe('a listing that is not ordered by id', () => {
  it('is refused by an incremental backup, which would mistake skipped records for deleted ones', async () => {
    const { database, store, full, incremental } = await openDatabase(5)
    await full()
    const list = database.client.listObjects.bind(database.client)
    Object.assign(database.client, {
      async listObjects(given: Parameters<typeof list>[0]) {
        const listing = await list(given)
        return { ...listing, Contents: [...listing.Contents].reverse() }
      },
    })
    const before = [...store.objects.keys()]
    await expect(incremental()).rejects.toMatchObject({ code: 'unsupported' })
    const more = [...store.objects.keys()].filter((key) => !before.includes(key))
    expect(more.map((key) => key.split('/').at(-1))).toEqual(['failed.json'])
  })
})

it('a failing incremental backup closes the key index that it was reading', async () => {
  const { database } = await openDatabase(5)
  let released = false
  async function* index(): AsyncGenerator<IndexEntry[]> {
    try {
      yield [{ id: idOf(0), modified: 0, hash: 'x' }]
      yield [{ id: idOf(1), modified: 0, hash: 'x' }]
    } finally {
      released = true
    }
  }
  const { signal } = new AbortController()
  const since = { index: index(), cursor: undefined }
  for await (const _ of sourceOf(database).read('users', { since, signal })) break
  expect(released).toBe(true)
})
