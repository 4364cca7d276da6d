import * as z from 'zod'
import { during } from '../errors.js'
import { checkBackupId } from '../format/backup-id.js'
import { ancestorsOf } from '../inventory/ancestors.js'
import { type CatalogEntry, catalogOf, findBackup, missingBackup } from '../inventory/catalog.js'
import { type DeletedBackup, deletedIn } from '../inventory/deleted.js'
import { type Inventory, inventory } from '../inventory/inventory.js'
import type { FinishedEntry, SpoiltEntry } from '../inventory/inventory-entry.js'
import type { Timed } from '../inventory/lease.js'
import { isFunction, isObject, parseOptions } from '../options.js'
import type { Driver } from '../ports/driver.js'
import { guard } from '../ports/guard.js'
import { type TakenOut, takeOut } from './delete-or-tombstone.js'
import { recoverableOf } from './grace-time.js'
import { mayBeNeededBy } from './may-be-needed.js'
import { maybeNeeded, needed, refuseCopied, stillNeeded } from './refusals.js'
import { removeEach } from './removal.js'
import { removeUnfinished } from './remove-unfinished.js'

export interface RemoveOptions {
  readonly driver: Driver
  readonly id: string
  /** How long it can be brought back by `undelete`, in ms. Until then it takes its space. Default 0: not at all. */
  readonly deletionGrace?: number | undefined
  /** Also a backup that others build on, that a process uses just now, or that is being made. Default `false`. */
  readonly force?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * The clock. For tests.
   * @internal
   */
  readonly now?: (() => Date) | undefined
}

/** What was removed. With a grace time, `files` and `bytes` are what will be free once it is purged. */
export interface RemoveReport extends TakenOut {
  readonly id: string
}

/**
 * Removes a backup, damaged or not: the manifest first, so that an interrupted removal leaves no backup that seems
 * whole, then everything else. With a grace time everything else stays, and {@link undelete} brings it back. For a
 * backup that was deleted earlier with a grace time, a removal without one removes the rest.
 *
 * Interrupted, it can be run again: it then removes what is left in the backup's directory. Without a manifest it does so
 * only for ids that {@link backup} made: a directory of another name may hold anything. A directory without a manifest
 * that was begun less than an hour ago may be a backup in progress; only `force` removes it, and that backup then fails.
 *
 * @throws BackupError `not_found` if there is nothing to remove; `conflict`, and then nothing was removed, if several
 * directories hold a backup of this id, if other backups build on it (`metadata.dependants`), if one with an unreadable
 * manifest may (`metadata.damaged`), or, `retriable`, if a process is using or making it.
 */
export async function remove(options: RemoveOptions): Promise<RemoveReport> {
  const given = parseOptions(optionsSchema, options, { what: 'remove options', operation: 'delete' })
  const { id, deletionGrace, force, signal = new AbortController().signal, now = () => new Date() } = given
  const driver = guard(given.driver)
  const timed: Timed = { signal, now }
  try {
    checkBackupId(id, 'delete')
    const { here, entry, deleted, before } = await find(driver, id, timed)
    refuseCopied(entry)
    if (before !== undefined && deletionGrace > 0) return reportOf(before)
    const directory = entry?.directory ?? before?.directory
    if (directory === undefined)
      return { id, ...(await removeUnfinished(driver, here, { id, force }, timed)), purgeAfter: null }
    const takeIt = () => takeOut(driver, directory, { deletionGrace, reasons: [] }, timed)
    if (force) return removed(id, await takeIt())
    const { backups, damaged } = await catalogOf(here).list()
    const others = deletionGrace === 0 ? await recoverableOf(driver, deleted, timed) : []
    const dependants = dependantsOf(id, backups, others)
    if (dependants.length > 0) throw stillNeeded(id, dependants)
    const manifest = backups.find((one) => one.id === id)?.manifest ?? before?.manifest
    const needing = manifest && mayBeNeededBy({ id, exportedAt: manifest.exportedAt }, damaged)
    if (needing !== undefined) throw maybeNeeded(id, needing)
    let taken: TakenOut | undefined
    const kept = await removeEach(
      driver,
      {
        operation: 'delete',
        backups: [{ id, parent: null }],
        known: new Set([...backups, ...damaged].map((one) => one.directory)),
        forGood: deletionGrace === 0,
      },
      timed,
      async () => {
        taken = await takeIt()
      },
    )
    const reason = kept.get(id)
    if (reason !== undefined) throw needed(id, reason)
    return removed(id, taken)
  } catch (error) {
    signal.throwIfAborted()
    throw during('delete', error)
  }
}

interface Found {
  readonly here: Inventory
  readonly entry: FinishedEntry | SpoiltEntry | undefined
  readonly deleted: readonly DeletedBackup[]
  /** The one that is wanted, if it was deleted before. */
  readonly before: DeletedBackup | undefined
}

/** While somebody else deletes it, one listing may show neither its manifest nor the note that keeps it; another does. */
async function find(driver: Driver, id: string, { signal }: Timed): Promise<Found> {
  const first = await findOnce(driver, id, signal)
  return first.entry === undefined && first.before === undefined ? findOnce(driver, id, signal) : first
}

async function findOnce(driver: Driver, id: string, signal: AbortSignal): Promise<Found> {
  const here = await inventory(driver, { signal })
  const entry = await findBackup(here, id, { operation: 'delete' })
  const deleted = await deletedIn(here)
  return {
    here,
    entry,
    deleted,
    before: entry === undefined ? deleted.find((one) => one.id === id) : undefined,
  }
}

const optionsSchema = z.strictObject({
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  id: z.string(),
  deletionGrace: z.number().nonnegative().default(0),
  force: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).optional(),
  now: z.custom<() => Date>(isFunction, 'must be a function').optional(),
})

function removed(id: string, taken: TakenOut | undefined): RemoveReport {
  if (taken === undefined) throw missingBackup(id, 'delete')
  return { id, ...taken }
}

function reportOf({ id, files, bytes, purgeAfter }: DeletedBackup): RemoveReport {
  return { id, files, bytes, purgeAfter }
}

/** The backups that cannot be restored, or brought back, without this one: the oldest first. */
function dependantsOf(
  id: string,
  backups: readonly CatalogEntry[],
  deleted: readonly DeletedBackup[],
): string[] {
  const others = [...deleted, ...backups.map((entry) => ({ id: entry.id, parent: entry.manifest.parent }))]
  const parents = new Map(others.map((other) => [other.id, other]))
  return others
    .map((other) => other.id)
    .filter((other) => other !== id && ancestorsOf(other, parents).includes(id))
    .reverse()
}
