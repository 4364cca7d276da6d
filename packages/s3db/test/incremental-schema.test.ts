import { backup, restore } from '@s3db-backup/core'
import { describe, expect, it } from 'vitest'
import { memoryStore, storedIds } from './incremental/memory-store.js'
import {
  type Attributes,
  connect,
  contentsOf,
  freshDatabase,
  freshName,
  isKept,
  isRecord,
  sourceOf,
  targetOf,
} from './incremental/real-database.js'

/** A database whose definition of `users` changes from session to session. */
async function openSessions() {
  const address = `memory://${freshName()}`
  const store = memoryStore()
  const session = async (attributes: Attributes) => {
    const database = await connect(address)
    const users = await database.createResource({ name: 'users', attributes })
    const orders = await database.createResource({ name: 'orders', attributes: { total: 'number' } })
    const incremental = () =>
      backup({ source: sourceOf(database), driver: store, type: 'incremental', incremental: {} })
    const full = () => backup({ source: sourceOf(database), driver: store })
    return { database, users, orders, full, incremental }
  }
  const restored = async (id: string) => {
    const target = await freshDatabase()
    await restore({ driver: store, id, target: targetOf(target) })
    return { records: await contentsOf(target, isRecord), all: await contentsOf(target, isKept) }
  }
  return { store, session, restored }
}

describe('after the definition of a resource has changed', () => {
  it('its records are restored with the version they were written under', async () => {
    const { session, restored } = await openSessions()
    await (await session({ name: 'string' })).users.insert({ id: 'old', name: 'first' })
    const { database, users, full } = await session({ name: 'string', age: 'number|optional' })
    await users.insert({ id: 'new', name: 'second', age: 1 })
    const { records } = await restored((await full()).id)
    expect(records).toEqual(await contentsOf(database, isRecord))
    expect(records['resource=users/data/id=old']).toMatchObject({ metadata: { _v: 'v1' } })
  })

  it('it is backed up completely once, and the others are not', async () => {
    const { store, session, restored } = await openSessions()
    const first = await session({ name: 'string' })
    await first.users.insert({ id: 'a', name: 'a' })
    await first.orders.insert({ id: 'o', total: 1 })
    await first.full()
    const second = await session({ name: 'string', age: 'number|optional' })
    await second.users.insert({ id: 'b', name: 'b' })
    const { id, manifest } = await second.incremental()
    expect(manifest.resources).toMatchObject({ users: { whole: true }, orders: { whole: false } })
    expect(storedIds(store, manifest, 'users')).toEqual(['a', 'b'])
    expect(storedIds(store, manifest, 'orders')).toEqual([])
    expect((await restored(id)).all).toEqual(await contentsOf(second.database, isKept))
    await second.users.delete('a')
    const after = await second.incremental()
    expect(after.manifest.resources).toMatchObject({ users: { whole: false, deletedCount: 1 } })
    expect((await restored(after.id)).all).toEqual(await contentsOf(second.database, isKept))
  })
})

describe('resources that come and go', () => {
  it('are added, removed and added again in a chain', async () => {
    const { session, restored } = await openSessions()
    const { database, users, full, incremental } = await session({ name: 'string' })
    await users.insert({ id: 'a', name: 'a' })
    const snapshots = new Map<string, Record<string, unknown>>()
    const take = async (make: typeof full) => {
      const { id, manifest } = await make()
      snapshots.set(id, await contentsOf(database, isKept))
      return manifest
    }
    await take(full)
    const notes = await database.createResource({ name: 'notes', attributes: { text: 'string' } })
    await notes.insert({ id: 'n', text: 'one' })
    expect((await take(incremental)).resources.notes).toMatchObject({ whole: true, recordCount: 1 })
    await database.client.deleteAll({ prefix: 'resource=notes/' })
    delete database.resources.notes
    await database.uploadMetadataFile()
    expect((await take(incremental)).resources.notes).toBeUndefined()
    const again = await database.createResource({ name: 'notes', attributes: { text: 'string' } })
    await again.insert({ id: 'm', text: 'two' })
    expect((await take(incremental)).resources.notes).toMatchObject({ whole: true, recordCount: 1 })
    for (const [id, contents] of snapshots) expect((await restored(id)).all).toEqual(contents)
  })

  it('keep their counters and history, as they were at each point', async () => {
    const { session, restored } = await openSessions()
    const { database, full, incremental } = await session({ name: 'string' })
    const put = (key: string, value: string) =>
      database.client.putObject({ key, metadata: { value }, body: '', contentType: 'text/plain' })
    const snapshots = new Map<string, Record<string, unknown>>()
    const take = async (make: typeof full) =>
      snapshots.set((await make()).id, await contentsOf(database, isKept))
    await take(full)
    await put('resource=users/sequence=id/value', '1')
    await put('resource=users/historical/id=a', 'old')
    await put('plugin=audit/log/1', 'seen')
    await take(incremental)
    await put('resource=users/sequence=id/value', '2')
    await take(incremental)
    await database.client.deleteObject('resource=users/historical/id=a')
    await take(incremental)
    for (const [id, contents] of snapshots) expect((await restored(id)).all).toEqual(contents)
  })
})
