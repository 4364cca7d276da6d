import * as z from 'zod'
import { BackupError, during, isBackupError } from '../errors.js'
import { type CatalogEntry, catalogOf, type DamagedEntry } from '../inventory/catalog.js'
import { type Inventory, inventory } from '../inventory/inventory.js'
import { inventorySchema } from '../inventory/inventory-option.js'
import type { Timed } from '../inventory/lease.js'
import { isFunction, isObject, parseOptions } from '../options.js'
import type { Driver } from '../ports/driver.js'
import type { OnEvent } from '../ports/events.js'
import { guard } from '../ports/guard.js'
import { type TakenOut, takeOut } from './delete-or-tombstone.js'
import { checkPlan, type Listing, leavesFirst, type PruneDecision, type PrunePlan } from './prune-plan.js'
import { type Removal, removeEach } from './removal.js'

export interface PruneOptions {
  readonly driver: Driver
  /**
   * The contents of the destination, if already known. Everything to be removed is checked again.
   * @internal
   */
  readonly inventory?: Inventory | undefined
  /** Decides, from the backups (newest first) and the time, without I/O. Its errors are passed on. */
  readonly plan: (backups: readonly CatalogEntry[], now: Date) => PrunePlan
  /** Only say what would be done. Default `false`. */
  readonly dryRun?: boolean | undefined
  /** Backups completed less than this many ms ago stay whatever the plan says, with all they need. Default 0. */
  readonly graceMs?: number | undefined
  /** How long what is removed can be brought back by `undelete`, in ms. Until then it takes its space. Default 0. */
  readonly deletionGrace?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: OnEvent | undefined
  /**
   * The clock. For tests.
   * @internal
   */
  readonly now?: (() => Date) | undefined
}

/** A backup that was removed, or in a dry run would be. */
export interface PrunedBackup extends PruneDecision, TakenOut {}

export interface PruneReport {
  readonly dryRun: boolean
  /** In the order of removal: each before the backups that it needed. */
  readonly removed: readonly PrunedBackup[]
  readonly kept: readonly PruneDecision[]
  /** Directories whose manifest cannot be read. No plan decides about them; they stay. */
  readonly damaged: readonly DamagedEntry[]
  /** Freed in all, in bytes: what can still be brought back is not. */
  readonly bytes: number
  /** Why the plan must not be carried out, or `null`. Only a dry run gets this far with a blocked plan. */
  readonly blocked: string | null
}

/**
 * Removes the backups that a plan deletes. Nothing is removed unless the whole plan is sound: no kept backup may lose
 * an ancestor. Each backup is removed before those it needs, and its manifest before its parts, so that every listed
 * backup can be restored at every moment. With `deletionGrace` the parts stay, and `undelete` brings backups back until
 * `purge` removes them.
 *
 * A backup stays, with all it needs, if a process uses it just now: restores it, or builds an incremental one on it.
 * One whose manifest cannot be read stays, and so does everything older, because its parent is unknown. One that
 * is in several directories stays with all it needs.
 *
 * Interrupted by a failure or an abort, it can be run again: it goes on with what is left. A removal that
 * broke off after its manifest leaves parts that are no backup.
 *
 * @throws BackupError `invalid_options`; `conflict` for a plan that is blocked, names a backup twice or one
 * that is not there, for two backups of one id, and for a kept backup inside the directory of a removed one;
 * `broken_chain` for a plan that would take an ancestor from a kept backup; all before anything is removed.
 * Later what the storage says; `metadata.removed` then has the ids that are gone. After an abort it rejects with
 * `signal.reason`.
 */
export async function prune(options: PruneOptions): Promise<PruneReport> {
  const given = parseOptions(optionsSchema, options, { what: 'prune options', operation: 'cleanup' })
  const { dryRun, onEvent = () => undefined, signal = never, now = () => new Date() } = given
  const driver = guard(given.driver)
  const timed: Timed = { signal, now }
  const removed: PrunedBackup[] = []
  try {
    const here = given.inventory ?? (await inventory(driver, { signal, now }))
    const { backups, damaged } = await catalogOf(here).list({ signal })
    const plan = given.plan(backups, timed.now())
    const held = heldFor(given.graceMs, timed.now())
    const { keep, remove } = checkPlan(plan, { backups, damaged }, held)
    const blocked = plan.blocked ?? null
    if (blocked !== null && !dryRun) throw refuse(blocked)
    const [wanted, wantedNot] = [remove, keep].map((some) => some.map(({ id }) => id))
    onEvent({ type: 'prune-start', dryRun, remove: wanted ?? [], keep: wantedNot ?? [] })
    const removal = { ...removalOf(remove, { backups, damaged }, given.deletionGrace), dryRun }
    const inUse = await removeEach(driver, removal, timed, async ({ id, directory, reasons }) => {
      const how = { dryRun, deletionGrace: given.deletionGrace, reasons }
      const taken = await takeOut(driver, directory, how, timed)
      if (taken === undefined) return
      removed.push({ id, reasons, ...taken })
      if (!dryRun) onEvent({ type: 'prune-remove', id, ...taken })
    })
    const kept = keptOf(keep, backups, inUse)
    const bytes = given.deletionGrace > 0 ? 0 : removed.reduce((sum, backup) => sum + backup.bytes, 0)
    onEvent({ type: 'prune-complete', dryRun, removed: removed.length, kept: kept.length, bytes })
    return { dryRun, removed, kept, damaged, bytes, blocked }
  } catch (error) {
    signal.throwIfAborted()
    throw isBackupError(error) ? withRemoved(error, dryRun ? [] : removed) : error
  }
}

const never = new AbortController().signal

const optionsSchema = z.strictObject({
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  inventory: inventorySchema.optional(),
  plan: z.custom<PruneOptions['plan']>(isFunction, 'must be a function'),
  dryRun: z.boolean().default(false),
  graceMs: z.number().nonnegative().default(0),
  deletionGrace: z.number().nonnegative().default(0),
  signal: z.instanceof(AbortSignal).optional(),
  onEvent: z.custom<OnEvent>(isFunction, 'must be a function').optional(),
  now: z.custom<() => Date>(isFunction, 'must be a function').optional(),
})

/** Why a backup stays despite the plan. For a copied backup only a person knows which copy to remove. */
function heldFor(graceMs: number, now: Date): (entry: CatalogEntry) => string | undefined {
  return ({ manifest, directory, copies = [] }) => {
    if (now.getTime() - Date.parse(manifest.completedAt) < graceMs) return 'too young to be removed'
    if (copies.length === 0) return undefined
    const places = [directory, ...copies.map((copy) => copy.directory)]
    return `it is in several places, ${places.join(' and ')}; remove one of them by hand`
  }
}

/** A backup that the plan deletes. */
interface Doomed extends PruneDecision {
  readonly directory: string
  readonly parent: string | null
}

/** The removals of a plan, before it is decided whether they are allowed. */
function removalOf(
  remove: readonly PruneDecision[],
  { backups, damaged }: Listing,
  deletionGrace: number,
): Omit<Removal<Doomed>, 'dryRun'> {
  const decisions = new Map(remove.map((decision) => [decision.id, decision]))
  const doomed = backups.flatMap(({ id, directory, manifest: { parent } }) => {
    const decision = decisions.get(id)
    return decision === undefined ? [] : [{ ...decision, directory, parent }]
  })
  return {
    operation: 'prune',
    backups: leavesFirst(doomed),
    known: new Set([...backups, ...damaged].map(({ directory }) => directory)),
    forGood: deletionGrace === 0,
  }
}

/** The backups that the plan keeps or that are in use, in the order of the catalog. */
function keptOf(
  keep: readonly PruneDecision[],
  backups: readonly CatalogEntry[],
  inUse: ReadonlyMap<string, string>,
): PruneDecision[] {
  const decisions = new Map(keep.map((decision) => [decision.id, decision]))
  for (const [id, reason] of inUse) decisions.set(id, { id, reasons: [reason] })
  return backups.flatMap(({ id }) => decisions.get(id) ?? [])
}

function refuse(blocked: string): BackupError {
  return new BackupError('conflict', `Nothing was deleted: ${blocked}`, {
    operation: 'cleanup',
    suggestion: 'Look at the plan in a dry run. If that is intended, allow it with force.',
    metadata: { blocked },
  })
}

function withRemoved(error: BackupError, removed: readonly PrunedBackup[]): unknown {
  return during('cleanup', error.with({ metadata: { removed: removed.map(({ id }) => id) } }))
}
