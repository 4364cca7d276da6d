import { describe, expect, it } from 'vitest'
import {
  type BackupEvent,
  type BackupOptions,
  backup,
  isBackupError,
  openCatalog,
  restore,
} from '../src/index.js'
import { memoryTarget } from './database.js'
import { memoryDriver } from './memory-driver.js'
import { type Storage, storageSource } from './storage-source.js'

const idOf = (i: number) => `u${String(i).padStart(6, '0')}`

/** A database of so many records and its backups, one a day, complete or not. */
function openHistory(records: number, source: Storage = storageSource({ batchSize: 100 })) {
  const driver = memoryDriver()
  const events: BackupEvent[] = []
  for (let i = 0; i < records; i++) source.put(idOf(i), i)
  let today = 1
  const take = async (options: Partial<BackupOptions> = {}) => {
    const at = new Date(Date.UTC(2024, 0, today++))
    try {
      const onEvent = (event: BackupEvent) => events.push(event)
      return (await backup({ source, driver, now: () => at, onEvent, ...options })).manifest
    } catch (error) {
      if (!isBackupError(error, 'incomplete')) throw error
      return (await openCatalog(driver).get(String(error.metadata.backupId))).manifest
    }
  }
  return {
    source,
    driver,
    events,
    full: take,
    incremental: () => take({ type: 'incremental', incremental: {} }),
    async restored(id: string) {
      const target = memoryTarget()
      await restore({ driver, id, target, allowIncomplete: true })
      return [...target.rows.get('users')!.keys()]
    },
  }
}

describe('an existing record that a listing omits', () => {
  it('is not recorded as deleted: it is requested by key, and read', async () => {
    const { source, events, full, incremental, restored } = openHistory(5)
    await full()
    source.hidden.add(idOf(1)).add(idOf(2))
    source.put(idOf(2), 'changed')
    source.remove(idOf(4))
    const { id, status, resources } = await incremental()
    expect(status).toBe('completed')
    expect(resources.users).toMatchObject({
      recordCount: 1,
      replacedCount: 1,
      deletedCount: 1,
      totalCount: 4,
    })
    const secondLook = { missing: 3, asked: 3, gone: 1, found: 2, kept: 0, listings: 0, requests: 3 }
    expect(resources.users!.secondLook).toEqual(secondLook)
    expect(events).toContainEqual({ type: 'backup-second-look', id, resource: 'users', ...secondLook })
    expect(await restored(id)).toEqual([0, 1, 2, 3].map(idOf))
  })

  it('is in the next full backup, which requests the records of the one before', async () => {
    const { source, full, incremental, restored } = openHistory(5)
    await full()
    source.put(idOf(7), 7)
    await incremental()
    source.hidden.add(idOf(0)).add(idOf(7))
    source.remove(idOf(3))
    const { id, status, resources } = await full()
    expect(status).toBe('completed')
    expect(resources.users).toMatchObject({ whole: true, ordered: true, secondLook: { found: 2, gone: 1 } })
    expect(await restored(id)).toEqual([0, 1, 2, 4, 7].map(idOf))
  })

  it.each(['silent', 'unreadable'] as const)(
    'and is %s, is kept and makes the backup incomplete',
    async (how) => {
      const { source, full, incremental, restored } = openHistory(3)
      await full()
      source.hidden.add(idOf(1))
      source[how].add(idOf(1))
      const second = await incremental()
      expect(second).toMatchObject({
        status: 'incomplete',
        losses: { count: 1, added: 1 },
        resources: { users: { deletedCount: 0, lost: [{ id: idOf(1) }], secondLook: { kept: 1 } } },
      })
      expect(await restored(second.id)).toEqual([0, 1, 2].map(idOf))
      const third = await full()
      expect(third.resources.users!.lost).toMatchObject([{ id: idOf(1) }])
      source.hidden.clear()
      source[how].clear()
      const fourth = await incremental()
      expect(fourth.status).toBe('completed')
      expect(await restored(fourth.id)).toEqual([0, 1, 2].map(idOf))
    },
  )
})

describe('more deletions than can be checked one by one', () => {
  const purge = (source: Storage, from: number, to: number) => {
    for (let i = from; i < to; i++) source.remove(idOf(i))
  }

  it('are recorded if a second listing and a sample agree, with few requests', async () => {
    const { source, full, incremental, restored } = openHistory(6000)
    await full()
    purge(source, 10, 5500)
    const { id, status, resources } = await incremental()
    expect(status).toBe('completed')
    expect(resources.users).toMatchObject({ deletedCount: 5490, totalCount: 510, ordered: true })
    expect(resources.users!.secondLook).toEqual({
      ...{ missing: 5490, asked: 2000, gone: 5490, found: 0, kept: 0, listings: 1, requests: 2001 },
    })
    expect(await restored(id)).toHaveLength(510)
    const next = await incremental()
    expect(next.resources.users).toMatchObject({ recordCount: 0, deletedCount: 0 })
    expect(next.resources.users!.secondLook).toBeUndefined()
  })

  it('are not recorded for those that a second listing shows', async () => {
    const { source, full, incremental, restored } = openHistory(4000)
    await full()
    purge(source, 0, 3000)
    source.hidden.add(idOf(3500)).add(idOf(3600))
    const { id, status, resources } = await incremental()
    expect(status).toBe('incomplete')
    expect(resources.users).toMatchObject({
      deletedCount: 3000,
      lost: [{ id: idOf(3500) }, { id: idOf(3600) }],
    })
    expect(await restored(id)).toHaveLength(1000)
  })

  it('are not recorded at all if the sample contradicts both listings', async () => {
    const { source, full, incremental, restored } = openHistory(4000)
    await full()
    for (let i = 0; i < 4000; i++) {
      source.hidden.add(idOf(i))
      source.hiddenAgain.add(idOf(i))
    }
    const { id, status, resources } = await incremental()
    expect(status).toBe('incomplete')
    // The first thousand were requested by key and exist.
    expect(resources.users).toMatchObject({ deletedCount: 0, secondLook: { found: 1000, kept: 3000 } })
    expect(await restored(id)).toHaveLength(4000)
  })

  it('include a record that could not be read before only if the storage says that it is gone', async () => {
    const { source, full, incremental } = openHistory(4000)
    await full()
    source.unreadable.add(idOf(3999))
    source.put(idOf(3999), 'unreadable')
    await incremental()
    source.asked.length = 0
    purge(source, 0, 3999)
    source.hidden.add(idOf(3999))
    source.hiddenAgain.add(idOf(3999))
    source.silent.add(idOf(3999))
    const { resources } = await incremental()
    expect(source.asked).toContain(idOf(3999))
    expect(resources.users).toMatchObject({ deletedCount: 3999, lost: [{ id: idOf(3999) }] })
  })
})

it('a full backup is made although the one before it is damaged, and says that they were not compared', async () => {
  const { driver, source, full, restored } = openHistory(3)
  const first = await full()
  const key = `${first.id}/users.index.jsonl.gz`
  driver.objects.set(key, Buffer.alloc(driver.objects.get(key)!.byteLength))
  source.hidden.add(idOf(1))
  const { id, status, resources } = await full()
  expect(status).toBe('completed')
  expect(resources.users!.secondLook).toMatchObject({ missing: 0, problem: expect.stringContaining('index') })
  expect(await restored(id)).toEqual([0, 2].map(idOf))
})

it('a source with unordered ids is still backed up, each record once', async () => {
  const { source, full, restored } = openHistory(4)
  await full()
  const rows = [5, 3, 4, 1, 0, 2].map((i) => ({ id: idOf(i), value: i }))
  const disordered = {
    ...source,
    async *read() {
      for (const row of rows) yield { rows: [row] }
    },
  }
  const { id, resources } = await full({ source: disordered })
  expect(resources.users).toMatchObject({
    recordCount: 6,
    ordered: false,
    secondLook: { problem: expect.stringContaining('order') },
  })
  expect((await restored(id)).sort()).toEqual([0, 1, 2, 3, 4, 5].map(idOf))
})

it('a record that leaves a filter counts as deleted, without a second look', async () => {
  const { source, full, driver, restored } = openHistory(3)
  const filter = {
    label: 'small',
    keep: (row: { readonly [field: string]: unknown }) => Number(row.value) < 10,
  }
  await full({ filter })
  source.put(idOf(1), 100)
  const { id, resources } = await full({ filter, type: 'incremental', incremental: {} })
  expect(resources.users).toMatchObject({ deletedCount: 1, totalCount: 2 })
  expect(source.asked).toEqual([])
  expect(await restored(id)).toEqual([0, 2].map(idOf))
  expect((await openCatalog(driver).list()).backups).toHaveLength(2)
})
