import { mkdtemp, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup } from '@s3db-backup/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryStore, storedIds } from './incremental/memory-store.js'
import {
  connect,
  contentsOf,
  type Database,
  freshDatabase,
  isRecord,
  restoredRecords,
  sourceOf,
} from './incremental/real-database.js'

function signal(): { readonly given: Promise<void>; give(): void } {
  const listeners: (() => void)[] = []
  return {
    given: new Promise((resolve) => listeners.push(resolve)),
    give: () => {
      for (const listener of listeners) listener()
    },
  }
}

/** Nothing of such a record is in its body. */
const withoutBodies = {
  name: 'users',
  attributes: { name: 'string' },
  behavior: 'body-overflow',
} as const

const bodyOf = (metadataPath: string) => metadataPath.slice(0, -'.meta.json'.length)

it('in memory, a change in the same millisecond as the backup is not missed', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2024, 2, 15) })

  for (const later of [0, 1, 99, 100, 101]) {
    const database = await freshDatabase()
    const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
    for (const id of ['a', 'b']) await users.insert({ id, name: 'first' })
    const store = memoryStore()
    const source = sourceOf(database)
    await backup({ source, driver: store })
    await users.update('a', { name: 'second' })
    vi.setSystemTime(Date.now() + later)
    await users.update('b', { name: 'second' })
    const next = await backup({ source, driver: store, type: 'incremental', incremental: {} })
    expect(storedIds(store, next.manifest, 'users')).toEqual(['a', 'b'])
    vi.setSystemTime(Date.now() + 1000)
    await users.insert({ id: 'c', name: 'later' })
    const last = await backup({ source, driver: store, type: 'incremental', incremental: {} })
    expect(storedIds(store, last.manifest, 'users')).toEqual(['c'])
  }
  vi.useRealTimers()
})

describe('in files', () => {
  let folder = ''
  let database: Database
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'incremental-'))
    database = await connect(`file://${folder}`)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('changes right before, during and right after a backup are not missed', async () => {
    const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
    for (const id of ['a', 'b', 'c']) await users.insert({ id, name: 'first' })
    const store = memoryStore()
    const source = sourceOf(database)
    await backup({ source, driver: store })
    for (let turn = 0; turn < 6; turn++) {
      await users.update('a', { name: `before ${turn}` })
      const [made] = await Promise.all([
        backup({ source, driver: store, type: 'incremental', incremental: {} }),
        users.update('b', { name: `during ${turn}` }),
      ])
      await users.update('c', { name: `after ${turn}` })
      const next = await backup({ source, driver: store, type: 'incremental', incremental: {} })
      expect(storedIds(store, next.manifest, 'users')).toContain('c')
      expect(storedIds(store, made.manifest, 'users')).toContain('a')
      expect(await restoredRecords(store, next.id)).toEqual(await contentsOf(database, isRecord))
    }
  })

  it('a record whose metadata gets its name long after it was written is not missed', async () => {
    const users = await database.createResource({ ...withoutBodies })
    await users.insert({ id: 'a', name: 'first' })
    const longAgo = new Date(Date.now() - 60_000)
    const file = join(folder, 'resource=users/data/id=a')
    for (const path of [file, `${file}.meta.json`]) await utimes(path, longAgo, longAgo)
    const storage: object = Reflect.get(database.client, 'storage')
    const written = signal()
    const slow = signal()
    Object.assign(storage, {
      async _writeAtomic(path: string, content: string) {
        const temporary = `${path}.tmp.${Date.now()}.abcdef`
        await writeFile(temporary, content)
        // Written some seconds ago, both in one millisecond. The disk takes its time to rename the second one.
        const then = new Date(Date.now() - 10_000)
        const moment = path.endsWith('.meta.json') ? (await stat(bodyOf(path))).mtime : then
        await utimes(temporary, moment, moment)
        if (path.endsWith('/data/id=a.meta.json')) {
          written.give()
          await slow.given
        }
        await rename(temporary, path)
      },
    })
    const update = users.update('a', { name: 'second' })
    await written.given
    Reflect.deleteProperty(storage, '_writeAtomic')
    await users.insert({ id: 'b', name: 'newer' })
    const store = memoryStore()
    const source = sourceOf(database)
    // The record has its old state, whole: neither has a body.
    await backup({ source, driver: store })
    slow.give()
    await update
    const next = await backup({ source, driver: store, type: 'incremental', incremental: {} })
    expect(storedIds(store, next.manifest, 'users')).toContain('a')
    expect(await restoredRecords(store, next.id)).toEqual(await contentsOf(database, isRecord))
  })

  it('a record whose metadata reaches the disk long after its body is lost by name until it does', async () => {
    const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
    await users.insert({ id: 'a', name: 'first' })
    const storage: object = Reflect.get(database.client, 'storage')
    const writeMetadata: (...given: unknown[]) => Promise<unknown> = Reflect.get(storage, '_writeMetadata')
    const bodyStored = signal()
    const slow = signal()
    Object.assign(storage, {
      async _writeMetadata(...given: unknown[]) {
        if (String(given[0]).endsWith('/data/id=a')) {
          bodyStored.give()
          await slow.given
        }
        return Reflect.apply(writeMetadata, storage, given)
      },
    })
    const update = users.update('a', { name: 'second' })
    await bodyStored.given
    await new Promise((resolve) => setTimeout(resolve, 300))
    await users.insert({ id: 'b', name: 'newer' })
    const store = memoryStore()
    const source = sourceOf(database)
    await expect(backup({ source, driver: store })).rejects.toMatchObject({
      code: 'incomplete',
      metadata: { lost: { users: [{ id: 'a' }] } },
    })
    slow.give()
    await update
    const next = await backup({ source, driver: store })
    expect(await restoredRecords(store, next.id)).toEqual(await contentsOf(database, isRecord))
  })
})
