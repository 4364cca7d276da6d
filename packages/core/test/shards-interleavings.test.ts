import { encryption, keygen } from '@s3db-backup/encryption'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { interleave, type Turn, turnsOf } from '../../../tooling/test/interleave.ts'
import {
  abortBackup,
  BackupError,
  backup,
  commitBackup,
  type Driver,
  type Encryption,
  isBackupError,
  openCatalog,
  planBackup,
  restore,
  runShard,
  verify,
} from '../src/index.js'
import { sweep } from '../src/internal.js'
import { contentsOf, memoryTarget, people } from './database.js'
import { memoryDriver } from './memory-driver.js'
import { rangedSource, recordsOf } from './ranged-source.js'

// Late workers, coordinators that commit at the same time, an abort, a sweep: whatever the order of their steps, the
// result is the whole backup or none, and every process that reported one or the other was right.

const schedules = turnsOf({ processes: 3, longest: 30 })

const id = 'victim'
const shards = 2
const records = recordsOf({ users: people(12), orders: people(2) })
const model = Object.fromEntries([...records].map(([name, rows]) => [name, [...rows.values()]]))

interface Making {
  readonly source: ReturnType<typeof rangedSource>
  readonly encryption: Encryption | undefined
}
type Process = (driver: Driver, making: Making) => Promise<unknown>

/** What a process has said of the backup, if it came to its end. */
type Said = 'there is one' | 'there is none' | undefined

const works =
  (index: number): Process =>
  (driver, making) =>
    runShard({ ...making, driver, id, index })
const commits: Process = (driver, making) => commitBackup({ ...making, driver, id })
const aborts: Process = (driver) => abortBackup({ driver, id })
/** Long after every lease has expired: nobody believes any more that the backup is being made. */
const sweeps: Process = (driver) => sweep({ driver, now: () => new Date(Date.now() + 60 * 60 * 60 * 1000) })

async function aPlan(stored: readonly number[], making: Making) {
  const driver = memoryDriver()
  await backup({ ...making, driver, id: 'another' })
  await planBackup({ ...making, driver, id, shards })
  for (const index of stored) await runShard({ ...making, driver, id, index })
  return driver.objects
}

async function tryMany(
  stored: readonly number[],
  processes: readonly Process[],
  { encrypted = false, numRuns = 40 }: { readonly encrypted?: boolean; readonly numRuns?: number } = {},
): Promise<Map<string, number>> {
  const source = rangedSource(records)
  const making = {
    source,
    encryption: encrypted ? encryption({ algorithm: 'AES-256-GCM', key: keygen() }) : undefined,
  }
  const original = await aPlan(stored, making)
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(schedules, async (turns: readonly Turn[]) => {
      const objects = new Map(original)
      const said: Said[] = []
      const outcomes = await interleave(
        objects,
        processes.map((process, who) => async (driver) => {
          said[who] = saidBy(process, await process(driver, making))
        }),
        turns.map(({ who, steps }) => ({ who: who % processes.length, steps })),
      )
      const driver = memoryDriver({ objects })
      const isThere = await judge(driver, making)
      const key = `${outcomes.join(' ')}: ${isThere ? 'a backup' : 'none'}`
      if (said.includes('there is one')) expect(isThere, key).toBe(true)
      if (said.includes('there is none')) expect(isThere, key).toBe(false)
      await expectNoLitter(driver, isThere, making)
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }),
    { numRuns },
  )
  return seen
}

function saidBy(process: Process, result: unknown): Said {
  if (process === commits) return 'there is one'
  if (process === aborts) return 'there is none'
  const swept = process === sweeps && JSON.stringify(result).includes(`"id":"${id}"`)
  return swept && Object(result).swept.length > 0 ? 'there is none' : undefined
}

/** Whether there is the backup: if so, it is all of it. The other one is never touched. */
async function judge(driver: Driver, { encryption }: Making): Promise<boolean> {
  const { backups, damaged } = await openCatalog(driver).list()
  expect(damaged).toEqual([])
  expect(backups.map((entry) => entry.id)).toContain('another')
  for (const entry of backups) {
    expect((await verify({ driver, encryption, id: entry.id, level: 'full' })).ok).toBe(true)
    const target = memoryTarget()
    await restore({ driver, encryption, id: entry.id, target })
    expect(contentsOf(target)).toEqual(model)
  }
  return backups.some((entry) => entry.id === id)
}

/** What is left can be cleared away: a backup by another commit, none by an abort and a sweep. */
async function expectNoLitter(
  driver: ReturnType<typeof memoryDriver>,
  isThere: boolean,
  making: Making,
): Promise<void> {
  if (isThere) {
    const { manifest } = await commitBackup({ ...making, driver, id })
    const named = ['s3db.json', ...manifest.parts.map(({ file }) => file)]
    // An abort or a sweep removes the start note before it sees that there is a backup. Decisions that coordinators
    // made when they met stay.
    const stored = inDirectory(driver).filter(
      (file) => !/^(?:started|decision-[0-9a-f]{16})\.json$/.test(file),
    )
    expect(stored.sort()).toEqual(named.sort())
    return
  }
  await abortBackup({ driver, id }).catch((error: unknown) => {
    if (!isBackupError(error, 'not_found')) throw error
  })
  await sweeps(driver, making)
  expect(inDirectory(driver)).toEqual([])
}

const inDirectory = ({ objects }: ReturnType<typeof memoryDriver>) =>
  [...objects.keys()].flatMap((key) => (key.startsWith(`${id}/`) ? [key.slice(id.length + 1)] : []))

describe('in any order of their steps,', () => {
  it.each([false, true])('two coordinators make one backup (encrypted: %s)', async (encrypted) => {
    const seen = await tryMany([0, 1], [commits, commits], { encrypted, numRuns: 15 })
    expect([...seen.keys()]).toEqual(['done done: a backup'])
  })

  it('a coordinator and an abort: one of them is right', async () => {
    const seen = await tryMany([0, 1], [commits, aborts], { numRuns: 60 })
    expect([...seen.keys()].some((key) => key.endsWith('a backup'))).toBe(true)
    expect([...seen.keys()].some((key) => key.endsWith('none'))).toBe(true)
  })

  it('a coordinator and a sweep: one of them is right', async () => {
    const seen = await tryMany([0, 1], [commits, sweeps], { numRuns: 60 })
    expect([...seen.keys()].some((key) => key.endsWith('a backup'))).toBe(true)
    expect([...seen.keys()].some((key) => key.endsWith('none'))).toBe(true)
  })

  it('two coordinators and an abort', async () => {
    await tryMany([0, 1], [commits, commits, aborts], { numRuns: 60 })
  })

  it('two coordinators and a sweep', async () => {
    await tryMany([0, 1], [commits, commits, sweeps], { numRuns: 60 })
  })

  it.each([false, true])('a late worker and a coordinator (encrypted: %s)', async (encrypted) => {
    const seen = await tryMany([0, 1], [works(0), commits], { encrypted, numRuns: 15 })
    expect([...seen.keys()]).toEqual(['done done: a backup'])
  })

  it('two workers at one shard and a coordinator that may be too early', async () => {
    await tryMany([1], [works(0), works(0), commits], { numRuns: 60 })
  })

  it('a worker and an abort', async () => {
    await tryMany([1], [works(0), aborts], { numRuns: 60 })
  })

  it('a worker and a sweep', async () => {
    await tryMany([1], [works(0), sweeps], { numRuns: 60 })
  })

  it('a worker, a coordinator and an abort', async () => {
    await tryMany([1], [works(0), commits, aborts], { numRuns: 60 })
  })

  it('a coordinator whose storage does not answer leaves the backup that another one makes meanwhile', async () => {
    const making = { source: rangedSource(records), encryption: undefined }
    const objects = await aPlan([0, 1], making)
    const healthy = memoryDriver({ objects })
    const failing: Driver = {
      ...healthy,
      async put(key, body, call) {
        if (key !== `${id}/s3db.json`) return healthy.put(key, body, call)
        await commits(healthy, making)
        throw new BackupError('unavailable', 'The storage does not answer')
      },
    }
    await commits(failing, making)
    expect(await judge(healthy, making)).toBe(true)
  })

  it('no coordinator reports success for a backup whose parent is gone', async () => {
    const driver: ReturnType<typeof memoryDriver> = memoryDriver({
      onStep({ operation, key }) {
        if (operation === 'put' && driver.objects.has(key)) throw new BackupError('conflict', `${key} exists`)
      },
    })
    const making = { source: rangedSource(records), encryption: undefined }
    await backup({ ...making, driver, id: 'parent' })
    await planBackup({ ...making, driver, id, shards, type: 'incremental', incremental: {} })
    for (let index = 0; index < shards; index++) await runShard({ ...making, driver, id, index })
    const outcomes: unknown[] = []
    const slow: Driver = {
      ...driver,
      async put(key, body, call) {
        const stored = await driver.put(key, body, call)
        if (key === `${id}/s3db.json`) {
          driver.objects.delete('parent/s3db.json')
          outcomes.push(await commits(driver, making).catch((error: unknown) => error))
        }
        return stored
      },
    }
    outcomes.push(await commits(slow, making).catch((error: unknown) => error))
    expect(outcomes).toMatchObject([{ name: 'BackupError' }, { name: 'BackupError' }])
    expect(driver.objects.has(`${id}/s3db.json`)).toBe(false)
  })

  it('an abort and a sweep', async () => {
    const seen = await tryMany([0], [aborts, sweeps])
    for (const key of seen.keys()) expect(key).toMatch(/: none$/)
  })
})
