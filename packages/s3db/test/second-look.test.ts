import { renameSync } from 'node:fs'
import { backup, isBackupError, type Manifest } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import type { Database } from 's3db.js'
import { afterEach, describe, expect, test } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { databaseSource } from '../src/index.js'
import { address, call, open, openNew, ours, scratch } from './databases.js'

const { address: onServer, proxy, requests } = await s3Server()
afterEach(() => proxy.clear())

const places = {
  memory: () => openNew('memory'),
  file: () => openNew('file'),
  s3: () => open(onServer(`look-${Math.random().toString(36).slice(2)}`), onS3),
}

async function fill(database: Database, count: number): Promise<string[]> {
  const notes = await database.createResource({ name: 'notes', attributes: { text: 'string' } })
  const ids = Array.from({ length: count }, (_, at) => `n${String(at).padStart(4, '0')}`)
  for (const id of ids) await notes.insert({ id, text: id })
  return ids
}

/** A full backup, what happens then, and an incremental one. */
async function afterFull(database: Database, happens: () => Promise<unknown>): Promise<Manifest> {
  const driver = memory()
  const source = databaseSource(ours(database))
  await backup({ source, driver })
  await happens()
  proxy.clear()
  const { manifest } = await backup({ source, driver, type: 'incremental', incremental: {} })
  return manifest
}

describe.each(Object.keys(places) as (keyof typeof places)[])('a database in %s', (place) => {
  test('a deletion is recorded once the storage says that the key does not exist', async () => {
    const database = await places[place]()
    await fill(database, 6)
    const { resources } = await afterFull(database, () =>
      Promise.all([database.resources.notes?.delete('n0001'), database.resources.notes?.delete('n0004')]),
    )
    expect(resources.notes).toMatchObject({
      deletedCount: 2,
      totalCount: 4,
      secondLook: { missing: 2, asked: 2, gone: 2, kept: 0, listings: 0, requests: 2 },
    })
  })
})

describe('a record that a listing omits', () => {
  test('is backed up if the storage returns it by its key', async () => {
    const database = await openNew('memory')
    await fill(database, 6)
    const list = database.client.listObjects.bind(database.client)
    const { resources } = await afterFull(database, async () => {
      database.client.listObjects = async (how) => {
        const listing = await list(how)
        return {
          ...listing,
          Contents: listing.Contents?.filter(({ Key }) => !Key?.endsWith('id=n0002')) ?? [],
        }
      }
    })
    expect(resources.notes).toMatchObject({
      deletedCount: 0,
      totalCount: 6,
      secondLook: { missing: 1, asked: 1, gone: 0, found: 1, kept: 0 },
    })
  })

  test('is also missed by a full backup, if the one before had it', async () => {
    const database = await openNew('memory')
    const ids = await fill(database, 6)
    const driver = memory()
    await backup({ source: databaseSource(ours(database)), driver })
    const list = database.client.listObjects.bind(database.client)
    database.client.listObjects = async (how) => {
      const listing = await list(how)
      return { ...listing, Contents: listing.Contents?.filter(({ Key }) => !Key?.endsWith('id=n0005')) ?? [] }
    }
    const { manifest } = await backup({ source: databaseSource(ours(database)), driver })
    expect(manifest.resources.notes).toMatchObject({ recordCount: ids.length, secondLook: { found: 1 } })
  })

  test('is kept if the answer is a 404 that is not the storage’s own', async () => {
    const database = await places.s3()
    await fill(database, 3)
    const driver = memory()
    const source = databaseSource(ours(database))
    await backup({ source, driver })
    await database.resources.notes?.delete('n0001')
    proxy.add({ match: /^GET \S*n0001/, fault: { kind: 'answer', status: 404, code: 'ProxyHasNoRoute' } })
    const failure = await backup({ source, driver, type: 'incremental', incremental: {} }).catch(
      (error: unknown) => error,
    )
    if (!isBackupError(failure, 'incomplete')) throw failure
    expect(failure.metadata.lost).toMatchObject({
      notes: [{ id: 'n0001', reason: expect.stringContaining('did not say') }],
    })
  })

  test('costs one request each on S3, without the seconds for which s3db.js repeats requests for a missing key', async () => {
    const database = await places.s3()
    const ids = await fill(database, 30)
    const { resources } = await afterFull(database, () =>
      Promise.all(ids.slice(0, 20).map((id) => database.resources.notes?.delete(id))),
    )
    expect(resources.notes).toMatchObject({ deletedCount: 20, secondLook: { asked: 20, requests: 20 } })
    expect(proxy.log.filter(({ status }) => status === 404)).toHaveLength(20)
    expect(requests().head).toBe(0)
  })

  test('a missing folder of the whole database does not make a record deleted', async () => {
    const root = scratch()
    const database = await open(`file://${root}/db`)
    const ids = await fill(database, 3)
    const source = databaseSource(ours(database))
    await source.describe(call)
    renameSync(`${root}/db`, `${root}/unmounted`)
    await expect(source.secondLook?.ask('notes', ids, call)).rejects.toMatchObject({ code: 'unavailable' })
  })
})

test('more than a thousand deletions take a second listing and a sample', async () => {
  const database = await open(address('memory'))
  const ids = await fill(database, 2600)
  const { resources } = await afterFull(database, () =>
    Promise.all(ids.slice(0, 2500).map((id) => database.client.deleteObject(`resource=notes/data/id=${id}`))),
  )
  expect(resources.notes).toMatchObject({
    deletedCount: 2500,
    totalCount: 100,
    secondLook: { missing: 2500, asked: 2000, gone: 2500, kept: 0, listings: 1, requests: 2001 },
  })
})
