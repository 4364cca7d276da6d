import { encryption, keygen } from '@s3db-backup/encryption'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  abortBackup,
  BackupError,
  backup,
  commitBackup,
  compareIds,
  type Driver,
  diff,
  isBackupError,
  openCatalog,
  planBackup,
  type Row,
  restore,
  runShard,
  type Source,
  shardStatus,
  verify,
} from '../src/index.js'
import { contentsOf, memoryTarget, people } from './database.js'
import type { Records } from './incremental-source.js'
import { memoryDriver } from './memory-driver.js'
import { rangedSource, recordsOf } from './ranged-source.js'

/** A driver whose keys are written once, as those of all real storages. */
function writeOnce() {
  const driver = memoryDriver({ capabilities: { range: true } })
  const objects = driver.objects
  return {
    ...driver,
    objects,
    async put(key, body) {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(Buffer.from(chunk))
      if (objects.has(key)) throw new BackupError('conflict', `${key} exists`)
      objects.set(key, Buffer.concat(chunks))
      return { bytes: Buffer.concat(chunks).byteLength }
    },
  } satisfies Driver & { objects: Map<string, Uint8Array> }
}

interface Making {
  readonly source: Source
  readonly driver: Driver
  readonly encryption?: ReturnType<typeof encryption> | undefined
}

async function inShards(making: Making, shards: number, more: object = {}) {
  const plan = await planBackup({ ...making, shards, ...more })
  for (let index = plan.shards - 1; index >= 0; index--) await runShard({ ...making, id: plan.id, index })
  return commitBackup({ ...making, id: plan.id })
}

async function restored(making: Omit<Making, 'source'>, id: string) {
  const target = memoryTarget()
  await restore({ driver: making.driver, encryption: making.encryption, id, target })
  return contentsOf(target)
}

const inOrder = (records: Records) =>
  Object.fromEntries(
    [...records].map(([name, rows]) => [name, [...rows.values()].sort((a, b) => compareIds(a.id, b.id))]),
  )

const files = (driver: { objects: Map<string, Uint8Array> }) => [...driver.objects.keys()]

it('a backup made in shards verifies, restores, and equals the one that a single process makes', async () => {
  const driver = writeOnce()
  const records = recordsOf({ users: people(500), Users: people(3), orders: people(40), empty: [] })
  const source = rangedSource(records)
  const made = await inShards({ source, driver }, 4)
  expect(made.records).toBe(543)
  expect((await verify({ driver, id: made.id, level: 'full' })).ok).toBe(true)
  expect(await restored({ driver }, made.id)).toEqual(inOrder(records))
  const alone = await backup({ source, driver })
  for (const name of records.keys()) {
    const { exportFile: _1, bytesWritten: _2, cursor: _3, ...one } = alone.manifest.resources[name] ?? {}
    expect(made.manifest.resources[name]).toMatchObject(one)
  }
  const differences = []
  for await (const one of diff({ driver, from: made.id, to: alone.id })) differences.push(one)
  expect(differences).toEqual([])
  const parts = made.manifest.parts.filter(({ resource, holds }) => resource === 'users' && holds === 'rows')
  expect(parts.length).toBeGreaterThan(2)
})

it('no plan or receipt is left after the commit', async () => {
  const driver = writeOnce()
  const { id, manifest } = await inShards(
    { source: rangedSource(recordsOf({ users: people(50) })), driver },
    3,
  )
  const kept = ['s3db.json', 'started.json', ...manifest.parts.map(({ file }) => file)]
  expect(files(driver).sort()).toEqual(kept.map((file) => `${id}/${file}`).sort())
})

it.each([false, true])(
  'an incremental backup in shards builds on any other, encrypted: %s',
  async (encrypted) => {
    const driver = writeOnce()
    const records = recordsOf({ users: people(300), orders: people(9) })
    const making = {
      driver,
      source: rangedSource(records),
      encryption: encrypted ? encryption({ algorithm: 'AES-256-GCM', key: keygen() }) : undefined,
    }
    await inShards(making, 5)
    const users = records.get('users') ?? new Map<string, Row>()
    users.delete('p000000')
    users.delete('p000150')
    users.set('p000151', { id: 'p000151', name: 'changed' })
    users.set('p000150a', { id: 'p000150a', name: 'new' })
    users.set('a', { id: 'a', name: 'new' })
    users.set('z', { id: 'z', name: 'new' })
    const second = await inShards(making, 4, { incremental: {} })
    expect(second.manifest.parent).not.toBeNull()
    expect(second.manifest.resources.users).toMatchObject({
      whole: false,
      recordCount: 4,
      deletedCount: 2,
      totalCount: 301,
    })
    expect(await restored(making, second.id)).toEqual(inOrder(records))
    records.get('orders')?.clear()
    const third = await backup({ ...making, incremental: {} })
    expect(await restored(making, third.id)).toEqual(inOrder(records))
    for (const { id } of [second, third])
      expect((await verify({ driver, encryption: making.encryption, id, level: 'full' })).ok).toBe(true)
  },
)

it('neither names nor ids of an encrypted backup in shards are readable at the destination', async () => {
  const driver = writeOnce()
  const making = {
    driver,
    source: rangedSource(recordsOf({ secrets: people(60) })),
    encryption: encryption({ algorithm: 'AES-256-GCM', key: keygen() }),
  }
  const plan = await planBackup({ ...making, shards: 3 })
  for (let index = 0; index < plan.shards; index++) await runShard({ ...making, id: plan.id, index })
  const text = [...driver.objects]
    .map(([key, bytes]) => key + Buffer.from(bytes).toString('latin1'))
    .join('\n')
  expect(text).not.toContain('secrets')
  expect(text).not.toContain('p000020')
  await commitBackup({ ...making, id: plan.id })
})

it('a filter and a selection of resources apply to every shard', async () => {
  const driver = writeOnce()
  const source = rangedSource(recordsOf({ users: people(100), orders: people(10) }))
  const filter = { label: 'even', keep: (row: Row) => Number(row.age) % 2 === 0 }
  const plan = await planBackup({ source, driver, shards: 3, filter, resources: ['users'] })
  const wrong = runShard({ source, driver, id: plan.id, index: 0 })
  await expect(wrong).rejects.toMatchObject({ code: 'invalid_options' })
  for (let index = 0; index < plan.shards; index++)
    await runShard({ source, driver, id: plan.id, index, filter })
  const { manifest } = await commitBackup({ source, driver, id: plan.id, filter })
  expect(Object.keys(manifest.resources)).toEqual(['users'])
  expect(manifest.resources.users?.recordCount).toBe(50)
  expect(manifest.selection).toEqual({ resources: ['users'], exclude: [], filter: 'even' })
})

it('a commit before all shards are stored names the missing ranges, and changes nothing', async () => {
  const driver = writeOnce()
  const making = { source: rangedSource(recordsOf({ users: people(100) })), driver }
  const { id, shards } = await planBackup({ ...making, shards: 4 })
  await runShard({ ...making, id, index: 1 })
  expect(await shardStatus({ driver, id })).toMatchObject({
    state: 'open',
    shards,
    stored: 1,
    lacking: [0, 2, 3],
  })
  const before = files(driver)
  const error = await commitBackup({ ...making, id }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'conflict',
    retriable: true,
    metadata: {
      lacking: [{ index: 0, ranges: ['users: records up to "p000024"'] }, { index: 2 }, { index: 3 }],
    },
  })
  expect(files(driver)).toEqual(before)
  for (const index of [0, 2, 3]) await runShard({ ...making, id, index })
  expect(await shardStatus({ driver, id })).toMatchObject({ state: 'ready' })
  await commitBackup({ ...making, id })
  expect(await shardStatus({ driver, id })).toEqual({ id, state: 'committed' })
})

it('of two simultaneous attempts at one shard one counts, and nothing of the other is left', async () => {
  const driver = writeOnce()
  const making = {
    source: rangedSource(recordsOf({ users: people(100) }), () => new Promise(setImmediate)),
    driver,
  }
  const { id, shards } = await planBackup({ ...making, shards: 2 })
  const outcomes = await Promise.all([0, 0, 1, 1, 0].map((index) => runShard({ ...making, id, index })))
  expect(outcomes.filter(({ outcome }) => outcome === 'stored')).toHaveLength(shards)
  const parts = files(driver).filter((key) => key.includes('.jsonl'))
  const { manifest } = await commitBackup({ ...making, id })
  expect(parts.map((key) => key.slice(id.length + 1)).sort()).toEqual(
    manifest.parts.map(({ file }) => file).sort(),
  )
})

it('a worker that ends after the commit leaves the backup as it is', async () => {
  const driver = writeOnce()
  const records = recordsOf({ users: people(60) })
  const source = rangedSource(records)
  const { id, shards } = await planBackup({ source, driver, shards: 2 })
  let letGo: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const late = runShard({ source: rangedSource(records, () => held), driver, id, index: 0 })
  for (let index = 0; index < shards; index++) await runShard({ source, driver, id, index })
  const { manifest } = await commitBackup({ source, driver, id })
  letGo()
  expect((await late).outcome).toBe('stored-before')
  expect(files(driver)).toHaveLength(manifest.parts.length + 2)
  expect((await verify({ driver, id, level: 'full' })).ok).toBe(true)
  expect((await runShard({ source, driver, id, index: 0 })).outcome).toBe('committed')
  expect((await commitBackup({ source, driver, id })).manifest).toEqual(manifest)
})

it('two coordinators at once make one backup', async () => {
  const driver = writeOnce()
  const making = { source: rangedSource(recordsOf({ users: people(60) })), driver }
  const { id, shards } = await planBackup({ ...making, shards: 3 })
  for (let index = 0; index < shards; index++) await runShard({ ...making, id, index })
  const results = await Promise.all([1, 2, 3].map(() => commitBackup({ ...making, id })))
  expect(new Set(results.map(({ checksum }) => checksum)).size).toBe(1)
  expect((await verify({ driver, id, level: 'full' })).ok).toBe(true)
})

it('an aborted plan leaves nothing but the note of it, and its workers fail', async () => {
  const driver = writeOnce()
  const records = recordsOf({ users: people(60) })
  const making = { source: rangedSource(records), driver }
  const { id } = await planBackup({ ...making, shards: 3 })
  await runShard({ ...making, id, index: 0 })
  let letGo: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const late = runShard({ source: rangedSource(records, () => held), driver, id, index: 1 })
  await new Promise(setImmediate)
  await abortBackup({ driver, id })
  letGo()
  await late.catch(() => undefined)
  expect(files(driver)).toEqual([`${id}/failed.json`])
  await expect(runShard({ ...making, id, index: 0 })).rejects.toMatchObject({ code: 'not_found' })
  await expect(abortBackup({ driver, id })).rejects.toMatchObject({ code: 'not_found' })
})

it('a committed backup cannot be aborted', async () => {
  const driver = writeOnce()
  const { id } = await inShards({ source: rangedSource(recordsOf({ users: people(5) })), driver }, 2)
  await expect(abortBackup({ driver, id })).rejects.toMatchObject({ code: 'conflict' })
  expect((await openCatalog(driver).list()).backups).toHaveLength(1)
})

it('records added at a border while shards are read are in one shard, or in the next backup', async () => {
  const driver = writeOnce()
  const records = recordsOf({ users: people(100) })
  const users = records.get('users') ?? new Map<string, Row>()
  let count = 0
  const source = rangedSource(records, (_, { after, upTo }) => {
    for (const id of [after, upTo])
      for (const ending of ['', '\u0000', 'x'])
        if (id !== undefined) users.set(`${id}${ending}`, { id: `${id}${ending}`, count: count++ })
  })
  const first = await inShards({ source, driver }, 5)
  expect((await verify({ driver, id: first.id, level: 'full' })).ok).toBe(true)
  const quiet = rangedSource(records)
  const second = await inShards({ source: quiet, driver }, 3, { incremental: {} })
  expect(await restored({ driver }, second.id)).toEqual(inOrder(records))
})

it('a border whose record was deleted since the parent stays a border', async () => {
  const driver = writeOnce()
  const records = recordsOf({ users: people(100) })
  const making = { source: rangedSource(records), driver }
  await inShards(making, 4)
  for (let at = 20; at < 30; at++) records.get('users')?.delete(`p0000${at}`)
  const { id } = await inShards(making, 4, { incremental: {} })
  expect(await restored({ driver }, id)).toEqual(inOrder(records))
})

it('a source that gives a record outside its range is refused', async () => {
  const driver = writeOnce()
  const source = rangedSource(recordsOf({ users: people(100) }))
  const { id } = await planBackup({ source, driver, shards: 2 })
  const liar: Source = { ...source, read: (resource, { range: _, ...call }) => source.read(resource, call) }
  await expect(runShard({ source: liar, driver, id, index: 0 })).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('is not among the records'),
  })
  expect(files(driver).filter((key) => key.includes('.jsonl'))).toEqual([])
})

it('each resource of a source without ranges is read in one piece', async () => {
  const driver = writeOnce()
  const records = recordsOf({ users: people(50), orders: people(50) })
  const { ranges: _, ...source } = rangedSource(records)
  const { id } = await inShards({ source, driver }, 4)
  expect(await restored({ driver }, id)).toEqual(inOrder(records))
})

it('any records, cut into any number of shards, come back, full and incremental', async () => {
  const id = fc.string({
    unit: fc.constantFrom('a', 'b', 'é', '\uE000', '\uFFFF', '😀', '\u0000', '"'),
    maxLength: 4,
  })
  const rows = fc
    .uniqueArray(id, { maxLength: 40 })
    .map((ids) => ids.map((one) => ({ id: one, v: one.length })))
  await fc.assert(
    fc.asyncProperty(
      rows,
      rows,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      async (before, after, some, others) => {
        const driver = writeOnce()
        const records = recordsOf({ r: before, s: before.slice(0, 3) })
        const making = { source: rangedSource(records), driver }
        const first = await inShards(making, some)
        expect(await restored(making, first.id)).toEqual(inOrder(records))
        records.set('r', new Map(after.map((row) => [row.id, { ...row, v: row.v % 3 }])))
        const second = await inShards(making, others, { incremental: {} })
        expect(await restored(making, second.id)).toEqual(inOrder(records))
        for (const made of [first, second])
          expect((await verify({ driver, id: made.id, level: 'full' })).ok).toBe(true)
      },
    ),
    { numRuns: 40 },
  )
})

it('a coordinator that dies at any step leaves a plan that another can commit, or a backup', async () => {
  const records = recordsOf({ users: people(40) })
  const source = rangedSource(records)
  for (let dies = 0; ; dies++) {
    const driver = writeOnce()
    const { id, shards } = await planBackup({ source, driver, shards: 2 })
    for (let index = 0; index < shards; index++) await runShard({ source, driver, id, index })
    let steps = 0
    const dead = new Error('killed')
    const step = () => {
      if (steps++ >= dies) throw dead
    }
    const dying: Driver = {
      ...driver,
      put: async (key, body) => {
        step()
        return driver.put(key, body)
      },
      delete: async (...given) => {
        step()
        return driver.delete(...given)
      },
      async *list(...given) {
        step()
        yield* driver.list(...given)
      },
      async *get(...given) {
        step()
        yield* driver.get(...given)
      },
    }
    const first = await commitBackup({ source, driver: dying, id }).catch((error: unknown) => error)
    const { id: made } = await commitBackup({ source, driver, id })
    expect(await restored({ driver }, made)).toEqual(inOrder(records))
    expect(files(driver).some((key) => key.includes('shard'))).toBe(false)
    if (!(first instanceof Error) || isBackupError(first)) if (steps <= dies) break
  }
})
