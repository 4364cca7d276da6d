import { isDeepStrictEqual } from 'node:util'
import { backup, type Driver, isBackupError } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import type { Database } from 's3db.js'
import * as z from 'zod'
import { databaseSource } from '../../src/index.js'
import { type DatabaseOptions, open, openNew, ours, restoreInto, stored } from '../databases.js'
import { history, type State } from './history.js'
import { now, startWriter, type Writer } from './writers.js'

const definitions = [
  {
    name: 'users',
    attributes: { name: 'string', team: 'string', mark: 'string', n: 'number' },
    partitions: { byTeam: { fields: { team: 'string' } } },
    asyncPartitions: false,
  },
  { name: 'notes', behavior: 'body-overflow', attributes: { text: 'string', mark: 'string', n: 'number' } },
  { name: 'pages', behavior: 'body-only', attributes: { text: 'string', mark: 'string', n: 'number' } },
] as const

export interface Soak {
  readonly connectionString: string
  readonly options: DatabaseOptions
  /** Ceph's gateway refuses the second `update` of a record: see tooling/s3/README.md. */
  readonly replacesOnly: boolean
  /**
   * Of two processes of which one deletes and one makes the same record, s3db.js leaves half of it in files: its data
   * without its metadata.
   */
  readonly sharedDeletes: boolean
  /** In ms. It takes longer if there were not enough rounds. */
  readonly length: number
  /** Records that nobody writes. */
  readonly still: number
  readonly seed: number
}

export interface Figures {
  readonly full: number
  readonly incremental: number
  /** Backups while nobody wrote, which equal the database byte for byte. */
  readonly paused: number
  readonly writes: number
  /** Records that were restored and compared. */
  readonly compared: number
  /** Those among them that were written while the backup was made. */
  readonly touched: number
  /** Backups that ended because the storage did not answer in time, and said so. */
  readonly unavailable: number
  /** Records that a backup named as unreadable: they were written again at each try. */
  readonly lost: number
  /** Why, of the first ten. */
  readonly reasons: readonly string[]
}

type Counts = { -readonly [K in keyof Figures]: Figures[K] }

/** A round of everything: a full backup, incremental ones, and both with writers that pause. */
const turns = 6

/**
 * Two processes write to a database while it is backed up again and again. Each backup is restored and compared with what
 * its records were while it was made. Throws with what is wrong.
 */
export async function soak(
  given: Soak,
  progress: (figures: Figures) => void = () => undefined,
): Promise<Figures> {
  const { connectionString, options } = given
  const database = await open(connectionString, options)
  const target = await openNew()
  const past = history()
  const counts: Counts = {
    ...{ full: 0, incremental: 0, paused: 0, unavailable: 0 },
    ...{ writes: 0, compared: 0, touched: 0, lost: 0, reasons: [] },
  }
  for (const definition of definitions) await database.createResource(structuredClone(definition))
  for (let at = 0; at < given.still; at++) {
    const fields = { name: 'still', team: `team-${at % 4}`, mark: 'still', n: at }
    await database.resources.users?.insert({ id: `still-${at}`, ...fields })
    past.begin(`users/still-${at}`, fields, 0).ended = 1
  }
  const order = {
    connectionString,
    options,
    replacesOnly: given.replacesOnly,
    own: 120,
    shared: { ids: 20, deletes: given.sharedDeletes },
    pause: 10,
  }
  const writers = await Promise.all(
    ['ann', 'bob'].map((name, at) => startWriter({ ...order, name, seed: given.seed + at }, past)),
  )
  const all = (ask: (writer: Writer) => Promise<void>) => Promise.all(writers.map(ask))

  /** Makes a backup, restores it, and compares it with what could be seen while it was made. */
  const prove = async (driver: Driver, since: string | undefined): Promise<string> => {
    const from = now()
    const { id, lost } = await make(database, driver, since)
    const to = now()
    await all((writer) => writer.caughtUp())
    await restoreInto(target, { driver, id }, { mode: 'replace', allowIncomplete: true })
    const restored = await recordsOf(target)
    const keys = new Set([...past.keys(), ...restored.keys()])
    const wrong: string[] = []
    for (const key of keys) {
      const touched = past.wasTouched(key, from, to)
      counts.compared += 1
      if (touched) counts.touched += 1
      if (lost.has(key)) {
        counts.lost += 1
        if (counts.reasons.length < 10) counts.reasons = [...counts.reasons, `${key}: ${lost.get(key)}`]
        if (!touched) wrong.push(`${key} is lost, though nobody wrote it: ${lost.get(key)}`)
        continue
      }
      const is = restored.get(key) ?? null
      const visible = past.visible(key, from, to)
      if (!visible.some((state) => isDeepStrictEqual(state, is)))
        wrong.push(`${key} is ${told(is)}, and was ${visible.map(told).join(' or ')}`)
    }
    if (wrong.length > 0)
      throw new Error(
        `${since === undefined ? 'A full' : 'An incremental'} backup is not what was there: ${wrong.length} records\n${wrong.slice(0, 20).join('\n')}`,
      )
    counts[since === undefined ? 'full' : 'incremental'] += 1
    counts.writes = writers.reduce((sum, { writes }) => sum + writes, 0)
    past.settle(from)
    return id
  }

  const compareExactly = async (what: string): Promise<void> => {
    for (const { name } of definitions) {
      const prefix = `resource=${name}/data/`
      const [there, here] = [await stored(database, prefix), await stored(target, prefix)]
      const different = [...new Set([...there.keys(), ...here.keys()])].filter(
        (key) => !isDeepStrictEqual(there.get(key), here.get(key)),
      )
      if (different.length > 0)
        throw new Error(
          `${what}, made while nobody wrote, differs: ${different.slice(0, 20).join(', ')} (${different.length})`,
        )
    }
    counts.paused += 1
  }

  try {
    const until = Date.now() + given.length
    let driver = memory()
    let last: string | undefined
    const whilePaused = async (): Promise<void> => {
      await all((writer) => writer.pause())
      try {
        last = await prove(driver, last)
        await compareExactly('An incremental backup')
        await prove(memory(), undefined)
        await compareExactly('A full backup')
      } finally {
        await all((writer) => writer.goOn())
      }
    }
    for (let round = 0; Date.now() < until || round < turns; round++) {
      // Without a full backup to build on, every turn makes a full one.
      const turn = last === undefined ? 0 : round % turns
      try {
        if (turn === 0) [driver, last] = [memory(), undefined]
        if (turn === turns - 1) await whilePaused()
        else last = await prove(driver, last)
      } catch (error) {
        if (!isBackupError(error, 'unavailable')) throw error
        counts.unavailable += 1
      }
      progress({ ...counts })
    }
  } finally {
    await all((writer) => writer.stop())
  }
  return counts
}

const incomplete = z.object({
  backupId: z.string(),
  lost: z.record(z.string(), z.array(z.object({ id: z.string(), reason: z.string() }))),
})

interface Made {
  readonly id: string
  /** By key: why they could not be read. */
  readonly lost: ReadonlyMap<string, string>
}

async function make(database: Database, driver: Driver, since: string | undefined): Promise<Made> {
  const source = databaseSource(ours(database))
  const more = since === undefined ? {} : { type: 'incremental' as const, incremental: { since } }
  try {
    return { id: (await backup({ source, driver, ...more })).id, lost: new Map() }
  } catch (error) {
    if (!isBackupError(error, 'incomplete')) throw error
    const { backupId, lost } = incomplete.parse(error.metadata)
    const named = Object.entries(lost).flatMap(([name, records]) =>
      records.map(({ id, reason }) => [`${name}/${id}`, reason] as const),
    )
    return { id: backupId, lost: new Map(named) }
  }
}

/** Every record with the fields that were given to it. */
async function recordsOf(database: Database): Promise<Map<string, State>> {
  const found = new Map<string, State>()
  for (const { name, attributes } of definitions) {
    const fields = Object.keys(attributes)
    for (const record of (await database.resources[name]?.getAll()) ?? [])
      found.set(`${name}/${record.id}`, Object.fromEntries(fields.map((field) => [field, record[field]])))
  }
  return found
}

/** A state for people: what its fields say of the write that they come from. */
function told(state: State): string {
  if (state === null) return 'not there'
  const { mark, text, ...others } = state
  const words = typeof text === 'string' ? { text: `${text.slice(0, 20)}… (${text.length})` } : {}
  return JSON.stringify({ mark, ...words, ...others })
}
