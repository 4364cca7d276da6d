import { describe, expect, it } from 'vitest'
import { type BackupOptions, backup, diff, isBackupError, openCatalog, restore } from '../src/index.js'
import { diffLive } from '../src/internal.js'
import { memoryTarget } from './database.js'
import { incrementalSource } from './incremental-source.js'
import { memoryDriver } from './memory-driver.js'
import { storageSource } from './storage-source.js'

/** A database and its backups, one a day, complete or not. */
function openHistory() {
  const driver = memoryDriver()
  const source = storageSource()
  let today = 1
  const take = async (options: Partial<BackupOptions> = {}) => {
    const at = new Date(Date.UTC(2024, 0, today++))
    try {
      return (await backup({ source, driver, now: () => at, ...options })).manifest
    } catch (error) {
      if (!isBackupError(error, 'incomplete')) throw error
      return (await openCatalog(driver).get(String(error.metadata.backupId))).manifest
    }
  }
  return {
    driver,
    source,
    full: take,
    incremental: (options: Partial<BackupOptions> = {}) =>
      take({ type: 'incremental', incremental: {}, ...options }),
    async restored(id: string, options: { allowIncomplete?: boolean } = {}) {
      const target = memoryTarget()
      await restore({ driver, id, target, ...options })
      return [...target.rows.get('users')!.values()]
    },
  }
}

describe('a record that an incomplete backup lost', () => {
  it('is read again by the next incremental one, even if nothing says that it has changed', async () => {
    const { source, full, incremental, restored } = openHistory()
    source.put('a', 1)
    source.put('b', 1)
    await full()
    source.put('b', 2)
    source.unreadable.add('b')
    const second = await incremental()
    expect(second).toMatchObject({ status: 'incomplete', losses: { count: 1, added: 1 } })
    const third = await incremental()
    expect(third).toMatchObject({ status: 'incomplete', losses: { count: 1, added: 0, before: second.id } })
    // Its last version stays in the chain.
    expect(await restored(third.id, { allowIncomplete: true })).toEqual([
      { id: 'a', value: 1 },
      { id: 'b', value: 1 },
    ])
    source.unreadable.clear()
    source.reads.length = 0
    const fourth = await incremental()
    expect(source.reads).toEqual(['b'])
    expect(fourth.status).toBe('completed')
    expect(fourth.losses).toBeUndefined()
    // The ancestors lack a record; the restored state does not.
    expect(await restored(fourth.id)).toEqual([
      { id: 'a', value: 1 },
      { id: 'b', value: 2 },
    ])
    source.reads.length = 0
    await incremental()
    expect(source.reads).toEqual([])
  })

  it('is read again even if its time is that of the version in the chain', async () => {
    const { driver, source, full, incremental } = openHistory()
    source.put('a', 1)
    source.put('b', 1)
    await full()
    const torn = {
      ...source,
      async *read() {
        yield { rows: [], lost: [{ id: 'b', reason: 'torn' }] }
      },
    }
    await incremental({ source: torn })
    source.reads.length = 0
    const healed = await incremental()
    expect(source.reads).toEqual(['b'])
    expect(healed).toMatchObject({ status: 'completed', resources: { users: { recordCount: 0 } } })
    expect((await openCatalog(driver).list()).backups).toHaveLength(3)
  })

  it('is not recorded as deleted if the storage cannot confirm the deletion', async () => {
    const driver = memoryDriver()
    const users = new Map([
      ['a', { id: 'a', value: 1 }],
      ['b', { id: 'b', value: 1 }],
    ])
    const source = incrementalSource(new Map([['users', users]]))
    const losing = {
      ...source,
      async *read() {
        yield { rows: [], lost: [{ id: 'b', reason: 'torn' }] }
      },
    }
    const at = (day: number) => () => new Date(Date.UTC(2024, 0, day))
    const incremental = { type: 'incremental', incremental: {} }
    await backup({ source, driver, now: at(1) })
    await backup({ source: losing, driver, now: at(2), ...incremental }).catch(() => undefined)
    users.clear()
    await expect(backup({ source, driver, now: at(3), ...incremental })).rejects.toMatchObject({
      code: 'incomplete',
      metadata: {
        lost: { users: [{ id: 'b', reason: expect.stringContaining('did not confirm its deletion') }] },
      },
    })
    const { manifest } = (await openCatalog(driver).list()).backups[0]!
    expect(manifest.resources.users).toMatchObject({ deletedCount: 1, totalCount: 1 })
  })

  it('is one of too many to name: everything is read again', async () => {
    const { source, full, incremental, restored } = openHistory()
    for (const id of ['a', 'b', 'c']) source.put(id, 1)
    await full()
    const unnamed = {
      ...source,
      async *read() {
        yield { rows: [], lostWithoutId: [{ reason: 'a page of the listing is missing', count: null }] }
      },
    }
    expect(await incremental({ source: unnamed })).toMatchObject({ losses: { count: 0, added: 1 } })
    expect(await incremental({ source: unnamed })).toMatchObject({ losses: { count: 0, added: 0 } })
    source.reads.length = 0
    const healed = await incremental()
    expect(source.reads).toEqual(['a', 'b', 'c'])
    expect(healed).toMatchObject({ status: 'completed', resources: { users: { recordCount: 0 } } })
    expect(await restored(healed.id)).toHaveLength(3)
  })
})

describe('a record that one of two compared backups lost', () => {
  it.each([
    { how: 'by name', loss: { lost: [{ id: 'b', reason: 'torn' }] } },
    { how: 'without a name', loss: { lostWithoutId: [{ reason: 'a page is missing', count: 1 }] } },
  ])('is neither added nor removed, and the comparison says so ($how)', async ({ loss }) => {
    const { driver, source, full } = openHistory()
    for (const id of ['a', 'b', 'c']) source.put(id, 1)
    const whole = await full()
    const rows = [
      { id: 'a', value: 1 },
      { id: 'c', value: 2 },
    ]
    const lacking = {
      ...source,
      async *read() {
        yield { rows, ...loss }
      },
    }
    const partly = await full({ source: lacking })
    const compared = async (differences: AsyncIterable<{ readonly id: string; readonly change: string }>) => {
      const found: string[] = []
      const reading = (async () => {
        for await (const { id, change } of differences) found.push(`${id} ${change}`)
      })()
      await expect(reading).rejects.toMatchObject({
        code: 'incomplete',
        message: expect.stringContaining('could not be read'),
      })
      return found
    }
    expect(await compared(diff({ driver, from: whole.id, to: partly.id }))).toEqual(['c changed'])
    expect(await compared(diff({ driver, from: partly.id, to: whole.id }))).toEqual(['c changed'])
    for (const incremental of [true, false])
      expect(await compared(diffLive({ driver, id: partly.id, source: { ...source, incremental } }))).toEqual(
        ['c changed'],
      )
    expect(
      await compared(diffLive({ driver, id: whole.id, source: { ...lacking, incremental: false } })),
    ).toEqual(['c changed'])
  })
})

it('a record that is asked for and was lost is not one that the backup never had', async () => {
  const { driver, source, full } = openHistory()
  for (const id of ['a', 'b']) source.put(id, 1)
  source.unreadable.add('b')
  const { id } = await full()
  const restoring = restore({
    driver,
    id,
    target: memoryTarget(),
    ids: ['a', 'b', 'z'],
    allowIncomplete: true,
  })
  await expect(restoring).rejects.toMatchObject({
    code: 'incomplete',
    metadata: {
      failed: { users: [{ id: 'b', reason: expect.stringContaining('could not be read') }] },
      notFound: ['z'],
    },
  })
})
