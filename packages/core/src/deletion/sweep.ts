import * as z from 'zod'
import { during } from '../errors.js'
import { failedFile, fileKey, manifestFile, startedFile } from '../format/layout.js'
import { abandonment } from '../inventory/abandoned.js'
import { notesIn } from '../inventory/deletion-note.js'
import { type FailedBackup, failedIn } from '../inventory/failed.js'
import { type Inventory, inventory } from '../inventory/inventory.js'
import { isFinished } from '../inventory/inventory-entry.js'
import { inventorySchema } from '../inventory/inventory-option.js'
import { isListed } from '../inventory/is-listed.js'
import { sweepLeases } from '../inventory/lease.js'
import { defaultGrace, leastGrace } from '../inventory/started.js'
import { type Unfinished, unfinishedIn } from '../inventory/unfinished.js'
import { isFunction, isObject, parseOptions } from '../options.js'
import type { Call, Driver } from '../ports/driver.js'
import { guard } from '../ports/guard.js'
import { removeEach } from './removal.js'
import { removeBegun } from './remove-directory.js'
import { sweepRestores } from './sweep-restores.js'

export interface SweepOptions {
  readonly driver: Driver
  /**
   * The contents of the destination, if already known. Everything to be removed is checked again.
   * @internal
   */
  readonly inventory?: Inventory | undefined
  /**
   * How old an unfinished backup must be to count as abandoned, and the note of a failed one to have been there
   * long enough, in ms. At least an hour; default a day.
   */
  readonly graceMs?: number | undefined
  /** Only say what would be removed. Default `false`. */
  readonly dryRun?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * The clock. For tests.
   * @internal
   */
  readonly now?: (() => Date) | undefined
}

export interface SweepReport {
  /** Abandoned, and removed; in a dry run, what would be. */
  readonly swept: readonly Unfinished[]
  /** Begun and not finished, and left alone: too young, or all that there is. */
  readonly left: readonly Unfinished[]
  /** Backups that failed, whose notes were removed; in a dry run, would be. */
  readonly failed: readonly FailedBackup[]
}

/**
 * Removes the leftovers of backups whose process died: directories with a start note and no manifest, older than the
 * grace time. A directory with a manifest is never changed, damaged or not, and neither is that of a deleted backup,
 * which `purge` handles. If the destination has no backup at all, the newest unfinished one stays: its parts may be all
 * that is left of a database. A backup that gives a sign of life by a lease is under way, however long ago it was
 * begun.
 *
 * The note goes first, and the directory is looked at again: a backup that is still running after all then
 * either has its manifest, and stays, or finds its note gone, and fails. Interrupted, what remains has no note
 * and is no backup; `remove` takes it away. Notes that failed backups left go after the same time, and leases
 * that expired long ago, and what restores in shards stored that were never finished.
 *
 * @throws BackupError `invalid_options`, and what the storage says. After an abort rejects with `signal.reason`.
 */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const given = parseOptions(optionsSchema, options, { what: 'sweep options', operation: 'cleanup' })
  const call: Call = { signal: given.signal ?? new AbortController().signal }
  const driver = guard(given.driver)
  try {
    const here = given.inventory ?? (await inventory(driver, call))
    const all = await unfinishedIn(here, call)
    const now = (given.now?.() ?? new Date()).getTime()
    const old = (time: string) => now - Date.parse(time) >= given.graceMs
    const timed = { ...call, now: () => new Date(now) }
    // Checked again: the inventory may be older, and was made for another time.
    const isAbandoned = abandonment(driver, { staleAfter: given.graceMs, now: timed.now })
    const judged = await Promise.all(all.map(({ id, startedAt }) => isAbandoned(id, startedAt, call)))
    const abandoned = all.filter((_, at) => judged[at])
    const last = all.length === 0 || (await hasBackups(here, call)) ? undefined : all.at(-1)
    const swept: Unfinished[] = []
    const going = abandoned.filter((entry) => entry !== last).map((entry) => ({ ...entry, parent: null }))
    const known = new Set(here.directories.map(({ directory }) => directory))
    const removal = { operation: 'sweep', backups: going, known, forGood: false, dryRun: given.dryRun }
    // A copy of a backup may be about to take the parts of an attempt for its own.
    await removeEach(driver, removal, { ...call, now: given.now ?? (() => new Date()) }, async (going) => {
      const { parent: _, ...entry } = going
      if (given.dryRun || (await sweepOne(driver, entry, call))) swept.push(entry)
    })
    const notes = (await failedIn(here, call)).filter(
      ({ directory, failedAt }) => old(failedAt) && !all.some((entry) => entry.directory === directory),
    )
    // Only the note: a new attempt with the same id may have begun in the same directory.
    if (!given.dryRun) {
      for (const { directory } of notes) await driver.delete(fileKey(directory, failedFile), call)
      await sweepLeases(driver, timed)
      await sweepRestores(driver, isAbandoned, call)
    }
    return {
      swept,
      left: all.filter(({ directory }) => !swept.some((entry) => entry.directory === directory)),
      failed: notes,
    }
  } catch (error) {
    call.signal.throwIfAborted()
    throw during('cleanup', error)
  }
}

const optionsSchema = z.strictObject({
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  inventory: inventorySchema.optional(),
  graceMs: z.number().min(leastGrace).default(defaultGrace),
  dryRun: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).optional(),
  now: z.custom<() => Date>(isFunction, 'must be a function').optional(),
})

/** Reads manifests until one is sound. */
async function hasBackups(here: Inventory, { signal }: Call): Promise<boolean> {
  for (const candidate of here.directories) {
    if (candidate.holding !== 'backup') continue
    const [entry] = await here.entries({ where: (stored) => stored === candidate, signal })
    if (entry !== undefined && isFinished(entry)) return true
  }
  return false
}

/** Whether it was removed: not if its manifest has come in the meantime, or it turns out to be a deleted backup. */
async function sweepOne(driver: Driver, { directory }: Unfinished, call: Call): Promise<boolean> {
  await driver.delete(fileKey(directory, startedFile), call)
  if (await isListed(driver, fileKey(directory, manifestFile), call)) return false
  if ((await notesIn(driver, directory, call)).length > 0) return false
  await removeBegun(driver, directory, call)
  return true
}
