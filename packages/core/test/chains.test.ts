import { describe, expect, it } from 'vitest'
import { sealManifest } from '../src/format/manifest/manifest-file.js'
import { type BackupOptions, backup, consolidate, diff, openCatalog, remove, restore } from '../src/index.js'
import { contentsOf, memoryTarget } from './database.js'
import { incrementalSource, type Records } from './incremental-source.js'
import { leftIn, type MemoryDriver, memoryDriver } from './memory-driver.js'

const day = (number: number) => new Date(Date.UTC(2024, 0, number))

/** A database and its backups, one a day. */
function openHistory() {
  const driver = memoryDriver()
  const records: Records = new Map([['users', new Map()]])
  const source = incrementalSource(records)
  let today = 1
  const take = (options: Partial<BackupOptions> = {}) => {
    const at = day(today++)
    return backup({ source, driver, now: () => at, ...options })
  }
  return {
    driver,
    source,
    take,
    set: (id: string, value: number) => records.get('users')!.set(id, { id, value }),
    remove: (id: string) => records.get('users')!.delete(id),
    full: (options: Partial<BackupOptions> = {}) => take(options),
    incremental: (options: Partial<BackupOptions> = {}) =>
      take({ type: 'incremental', incremental: {}, ...options }),
  }
}

async function restored(driver: MemoryDriver, id: string) {
  const target = memoryTarget()
  await restore({ driver, id, target })
  return contentsOf(target).users
}

it('an incremental backup has that type, unless it is given another', async () => {
  const { take } = openHistory()
  const full = await take()
  const incremental = await take({ incremental: {} })
  const named = await take({ incremental: {}, type: 'hourly' })
  expect([full, incremental, named].map(({ id }) => id.slice(0, id.indexOf('-')))).toEqual([
    'full',
    'incremental',
    'hourly',
  ])
})

describe('the parent of an incremental backup', () => {
  it('is the newest backup of its set; if there is none, the error says what to do', async () => {
    const { driver, full, incremental } = openHistory()
    await expect(incremental()).rejects.toMatchObject({
      code: 'not_found',
      suggestion: expect.stringContaining('--full-if-needed'),
    })
    expect(leftIn(driver)).toEqual([])
    const first = await incremental({ incremental: { fullIfNeeded: true } })
    expect(first.manifest.parent).toBeNull()
    const second = await incremental()
    expect(second.manifest.parent).toBe(first.id)
    const third = await full()
    expect((await incremental()).manifest.parent).toBe(third.id)
  })

  it('may be named, or chosen by a time', async () => {
    const { full, incremental } = openHistory()
    const first = await full()
    const second = await incremental()
    await full()
    const parentSince = async (since: Date | string) =>
      (await incremental({ incremental: { since } })).manifest.parent
    expect(await parentSince(first.id)).toBe(first.id)
    expect(await parentSince(second.id)).toBe(second.id)
    expect(await parentSince(day(1))).toBe(first.id)
    expect(await parentSince(new Date(day(3).getTime() - 1))).toBe(second.id)
    await expect(parentSince(new Date(day(1).getTime() - 1))).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('2023-12-31'),
    })
    await expect(parentSince('full-2020-01-01T00-00-00-aaaaaa')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is not one dated ahead of the storage’s clock, unless it is named', async () => {
    const { driver, full, incremental } = openHistory()
    const first = await full()
    const ahead = await full()
    const clock = async () => day(1)
    const behind = { driver: { ...driver, clock } }
    expect((await incremental(behind)).manifest.parent).toBe(first.id)
    expect((await incremental({ ...behind, incremental: { since: day(9) } })).manifest.parent).toBe(first.id)
    expect((await incremental({ ...behind, incremental: { since: ahead.id } })).manifest.parent).toBe(
      ahead.id,
    )
  })

  it('is of the same database, resources and filter', async () => {
    const { driver, source, full, incremental } = openHistory()
    const { id } = await full()
    const filter = { label: ['active'], keep: () => true }
    const elsewhere = {
      ...source,
      describe: async () => ({
        ...(await source.describe({ signal: new AbortController().signal })),
        identity: 'b',
      }),
    }
    for (const other of [{ resources: ['users'] }, { exclude: ['x_*'] }, { filter }, { source: elsewhere }]) {
      await expect(incremental(other)).rejects.toMatchObject({ code: 'not_found' })
      await expect(incremental({ ...other, incremental: { since: id } })).rejects.toMatchObject({
        code: 'conflict',
        metadata: { parent: id },
      })
    }
    expect((await openCatalog(driver).list()).backups).toHaveLength(1)
  })

  it('may be incomplete: what it lost is read again', async () => {
    const { driver, set, source, full, incremental } = openHistory()
    set('a', 1)
    set('x', 1)
    const losing = {
      ...source,
      async *read() {
        yield { rows: [{ id: 'a', value: 1 }], lost: [{ id: 'x', reason: 'unreadable' }] }
      },
    }
    await expect(full({ source: losing })).rejects.toMatchObject({ code: 'incomplete' })
    const { id: parent } = (await openCatalog(driver).list()).backups[0]!
    const { id, manifest } = await incremental()
    expect(manifest).toMatchObject({ parent, status: 'completed', resources: { users: { recordCount: 1 } } })
    expect(await restored(driver, id)).toEqual([
      { id: 'a', value: 1 },
      { id: 'x', value: 1 },
    ])
  })

  it('is refused when an ancestor of it is missing, which is named before anything is written', async () => {
    const { driver, full, incremental } = openHistory()
    const { id } = await full()
    await incremental()
    await incremental()
    driver.objects.delete(`${id}/s3db.json`)
    driver.steps.length = 0
    const before = leftIn(driver).length
    await expect(incremental()).rejects.toMatchObject({
      code: 'broken_chain',
      operation: 'backup',
      message: expect.stringContaining(id),
      metadata: { missing: id },
    })
    const parts = driver.steps.filter(({ operation, key }) => operation === 'put' && key.includes('.jsonl'))
    expect(parts).toEqual([])
    expect(leftIn(driver)).toHaveLength(before)
  })
})

it('a full backup is made if an ancestor was removed by force and a full one is allowed instead', async () => {
  const { driver, set, full, incremental } = openHistory()
  set('a', 1)
  const { id } = await full()
  await incremental()
  await remove({ driver, id, force: true })
  const made = await incremental({ incremental: { fullIfNeeded: true } })
  expect(made.manifest.parent).toBeNull()
  expect(await restored(driver, made.id)).toEqual([{ id: 'a', value: 1 }])
  expect((await incremental()).manifest.parent).toBe(made.id)
})

describe('a long chain', () => {
  it('of thirty backups restores at every point, and does not exceed the allowed length', async () => {
    const { driver, set, remove, full, incremental } = openHistory()
    const model = new Map<string, number>()
    const points: { id: string; values: (string | number)[][] }[] = []
    for (let turn = 0; turn < 30; turn++) {
      const id = `r${turn % 7}`
      if (turn % 5 === 4) {
        remove(id)
        model.delete(id)
      } else {
        set(id, turn)
        model.set(id, turn)
      }
      const made = await (turn === 0 ? full() : incremental())
      points.push({ id: made.id, values: [...model].sort() })
    }
    for (const { id, values } of points) {
      expect((await restored(driver, id))?.map((row) => [row.id, row.value])).toEqual(values)
    }
    await expect(incremental()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('30'),
      suggestion: expect.stringContaining('--full-if-needed'),
    })
    const last = await incremental({ incremental: { fullIfNeeded: true } })
    expect(last.manifest.parent).toBeNull()
  })

  it('continues from its consolidation', async () => {
    const { driver, set, full, incremental } = openHistory()
    set('a', 1)
    await full()
    set('b', 1)
    const { id } = await incremental({ incremental: { maxChain: 2 } })
    const merged = await consolidate({ driver, id })
    set('c', 1)
    const next = await incremental({ incremental: { maxChain: 2 } })
    expect(next.manifest.parent).toBe(merged.id)
    expect((await restored(driver, next.id))?.map((row) => row.id)).toEqual(['a', 'b', 'c'])
  })
})

it('a backup records what was selected, and that nothing was left out', async () => {
  const { full } = openHistory()
  expect((await full()).manifest.selection).toEqual({ resources: null, exclude: [], filter: null })
  const chosen = await full({ resources: ['us*'], exclude: ['cache_*'] })
  expect(chosen.manifest.selection).toEqual({ resources: ['us*'], exclude: ['cache_*'], filter: null })
})

it('records that leave a selection are deleted from its chain, those that enter it are added', async () => {
  const { driver, set, full, incremental } = openHistory()
  const filter = {
    label: ['small'],
    keep: (row: { readonly [field: string]: unknown }) => Number(row.value) < 10,
  }
  set('stays', 1)
  set('leaves', 1)
  set('enters', 100)
  set('outside', 100)
  const first = await full({ filter })
  set('leaves', 100)
  set('enters', 1)
  set('outside', 200)
  const second = await incremental({ filter })
  expect(second.manifest.resources.users).toMatchObject({ recordCount: 1, deletedCount: 1, totalCount: 2 })
  // A reader can tell that the backup covers only a part of the database.
  expect(second.manifest.selection).toEqual({ resources: null, exclude: [], filter: ['small'] })
  const merged = await consolidate({ driver, id: second.id })
  expect(merged.manifest.selection).toEqual(second.manifest.selection)
  const ids = async (id: string) => (await restored(driver, id))?.map((row) => row.id)
  expect(await ids(first.id)).toEqual(['leaves', 'stays'])
  expect(await ids(second.id)).toEqual(['enters', 'stays'])
})

it('the differences between two backups are listed record by record, in order', async () => {
  const { driver, set, remove, full, incremental } = openHistory()
  for (const id of ['a', 'b', 'c']) set(id, 1)
  const first = await full()
  set('b', 2)
  remove('c')
  const second = await incremental()
  set('d', 1)
  const third = await incremental()
  const changes = async (from: string, to: string) => {
    const all: string[] = []
    for await (const { id, change } of diff({ driver, from, to })) all.push(`${id} ${change}`)
    return all
  }
  expect(await changes(first.id, third.id)).toEqual(['b changed', 'c removed', 'd added'])
  expect(await changes(third.id, first.id)).toEqual(['b changed', 'c added', 'd removed'])
  expect(await changes(second.id, second.id)).toEqual([])
})

describe('a restore of a chain whose links do not belong together', () => {
  it('is refused, though every hash of every file is right', async () => {
    const { driver, set, full, incremental } = openHistory()
    set('a', 1)
    await full()
    set('b', 1)
    const second = await incremental()
    set('c', 1)
    const third = await incremental()
    const swapped = { ...second.manifest, parts: third.manifest.parts }
    for (const { file } of third.manifest.parts) {
      driver.objects.set(`${second.id}/${file}`, driver.objects.get(`${third.id}/${file}`)!)
    }
    driver.objects.set(`${second.id}/s3db.json`, sealManifest(swapped).bytes)
    for (const { id } of [second, third]) {
      const target = memoryTarget()
      await expect(restore({ driver, id, target })).rejects.toMatchObject({ code: 'corrupt' })
      expect(target.plans).toEqual([])
    }
    await expect(incremental()).rejects.toMatchObject({ code: 'corrupt' })
    await expect(consolidate({ driver, id: third.id })).rejects.toMatchObject({ code: 'corrupt' })
  })
})
