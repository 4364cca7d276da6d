import * as z from 'zod'
import { during } from '../errors.js'
import { fileKey, manifestFile } from '../format/layout.js'
import { ancestorsOf } from '../inventory/ancestors.js'
import { catalogOf } from '../inventory/catalog.js'
import { missingParts, withoutCopies } from '../inventory/copies.js'
import { type DeletedBackup, deletedIn } from '../inventory/deleted.js'
import { type Inventory, inventory } from '../inventory/inventory.js'
import { isFinished } from '../inventory/inventory-entry.js'
import { inventorySchema } from '../inventory/inventory-option.js'
import { isListed } from '../inventory/is-listed.js'
import type { Timed } from '../inventory/lease.js'
import type { StoredDirectory } from '../inventory/stored-directory.js'
import { isFunction, isObject, parseOptions } from '../options.js'
import type { Call, Driver } from '../ports/driver.js'
import type { OnEvent } from '../ports/events.js'
import { guard } from '../ports/guard.js'
import { dueOf } from './grace-time.js'
import { mayBeNeededBy, reasonToKeep } from './may-be-needed.js'
import { type Listing, leavesFirst, type PruneDecision } from './prune-plan.js'
import { removeEach } from './removal.js'
import { removeDirectory } from './remove-directory.js'

export interface PurgeOptions {
  readonly driver: Driver
  /**
   * The contents of the destination, if already known. Everything to be removed is checked again.
   * @internal
   */
  readonly inventory?: Inventory | undefined
  /** Only say what would be removed. Default `false`. */
  readonly dryRun?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: OnEvent | undefined
  /**
   * The clock. For tests.
   * @internal
   */
  readonly now?: (() => Date) | undefined
}

/** A deleted backup whose files are gone now. */
export interface PurgedBackup {
  readonly id: string
  /** Objects, notes among them. */
  readonly files: number
  /** Bytes that they took. */
  readonly bytes: number
}

export interface PurgeReport {
  readonly dryRun: boolean
  /** In the order of removal: each before the backups that it needed. */
  readonly purged: readonly PurgedBackup[]
  /** Deleted backups that stay although their grace time has passed, and why. */
  readonly kept: readonly PruneDecision[]
  /** Freed in all, in bytes. */
  readonly bytes: number
}

/**
 * Removes the files of deleted backups whose grace time has passed, so that they can no longer be brought back. A deleted
 * backup stays while another deleted one that builds on it stays, while a backup that is not deleted builds on it, and
 * while one may whose manifest cannot be read. Interrupted, it can be run again: the note of the deletion goes last.
 *
 * @throws BackupError what the storage says. After an abort rejects with `signal.reason`.
 */
export async function purge(options: PurgeOptions): Promise<PurgeReport> {
  const given = parseOptions(optionsSchema, options, { what: 'purge options', operation: 'cleanup' })
  const { dryRun, onEvent, signal = new AbortController().signal, now = () => new Date() } = given
  const driver = guard(given.driver)
  const timed: Timed = { signal, now }
  const purged: PurgedBackup[] = []
  try {
    const here = given.inventory ?? (await inventory(driver, { signal }))
    const all = await deletedIn(here, { signal })
    const due = await dueOf(driver, all, timed)
    if (due.length === 0) return { dryRun, purged, kept: [], bytes: 0 }
    const { backups, damaged } = await catalogOf(here).list({ signal })
    const needed = new Map([
      ...neededByOthers(all, { backups, damaged }),
      ...(await neededByHalves(here, due, { signal })),
    ])
    const going = leavesFirst(due.filter(({ id }) => !needed.has(id)))
    const known = new Set([...backups, ...damaged].map(({ directory }) => directory))
    const removal = { operation: 'purge', backups: going, known, forGood: true, dryRun }
    const inUse = await removeEach(driver, removal, timed, async ({ id, directory, files, bytes }) => {
      const size = dryRun ? { files, bytes } : await purgeFiles(driver, directory, timed)
      if (size === undefined) return
      purged.push({ id, ...size })
      if (!dryRun) onEvent?.({ type: 'purge', id, ...size })
    })
    const isDue = ([id]: readonly [string, string]) => due.some((entry) => entry.id === id)
    const kept = [...needed, ...inUse].filter(isDue).map(([id, reason]) => ({ id, reasons: [reason] }))
    const bytes = purged.reduce((sum, backup) => sum + backup.bytes, 0)
    return { dryRun, purged, kept, bytes }
  } catch (error) {
    signal.throwIfAborted()
    throw during('cleanup', error)
  }
}

const optionsSchema = z.strictObject({
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  inventory: inventorySchema.optional(),
  dryRun: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).optional(),
  onEvent: z.custom<OnEvent>(isFunction, 'must be a function').optional(),
  now: z.custom<() => Date>(isFunction, 'must be a function').optional(),
})

/**
 * What backups that are not deleted build on, or may build on, with the reason: somebody insisted on deleting it, and
 * may regret it.
 */
function neededByOthers(
  deleted: readonly DeletedBackup[],
  { backups, damaged }: Listing,
): Map<string, string> {
  const live = backups.map(({ id, manifest }) => ({ id, parent: manifest.parent }))
  const parents = new Map([...deleted, ...live].map(({ id, parent }) => [id, { parent }]))
  const maybe = deleted.flatMap(({ id, manifest }) => {
    const needing = mayBeNeededBy({ id, exportedAt: manifest?.exportedAt }, damaged)
    return needing === undefined ? [] : [[id, reasonToKeep(needing)] as const]
  })
  const surely = live.flatMap(({ id }) =>
    ancestorsOf(id, parents).map((above) => [above, `needed by ${id}`] as const),
  )
  return new Map([...maybe, ...surely])
}

/** Somebody copied a part of it to another place, manifest and all: what is deleted here may be all that is whole. */
async function neededByHalves(
  here: Inventory,
  due: readonly DeletedBackup[],
  call: Call,
): Promise<[id: string, reason: string][]> {
  const ids = new Set(due.map(({ id }) => id))
  const where = ({ holding, id }: StoredDirectory) => holding === 'backup' && ids.has(id)
  const live = withoutCopies((await here.entries({ where, ...call })).filter(isFinished))
  return live.flatMap((entry): [string, string][] =>
    missingParts(entry) === 0 ? [] : [[entry.id, `a copy at ${entry.directory} lacks parts`]],
  )
}

/** Nothing if it was brought back, or another process was faster. */
async function purgeFiles(
  driver: Driver,
  directory: string,
  { signal }: Timed,
): Promise<{ files: number; bytes: number } | undefined> {
  if (await isListed(driver, fileKey(directory, manifestFile), { signal })) return undefined
  const size = await removeDirectory(driver, directory, { signal })
  return size.files === 0 ? undefined : size
}
