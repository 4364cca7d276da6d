import * as z from 'zod'
import { type CatalogEntry, type DamagedEntry, openCatalog } from './catalog.js'
import type { Call, Driver, ObjectInfo } from './driver.js'
import { BackupError, during, isBackupError } from './errors.js'
import type { OnEvent } from './events.js'
import { guard } from './guard.js'
import { fileKey, manifestFile } from './layout.js'
import { isFunction, isObject, parseOptions } from './options.js'
import { checkPlan, leavesFirst, type PruneDecision, type PrunePlan } from './prune-plan.js'
import { removeDirectory } from './remove.js'

export interface PruneOptions {
  readonly driver: Driver
  /** Decides, from the backups (newest first) and the time, without I/O. What it throws is thrown on. */
  readonly plan: (backups: readonly CatalogEntry[], now: Date) => PrunePlan
  /** Only say what would be done. Default `false`. */
  readonly dryRun?: boolean
  /** Backups completed less than this many ms ago stay whatever the plan says, with all they need. Default 0. */
  readonly graceMs?: number
  readonly signal?: AbortSignal
  readonly onEvent?: OnEvent
  /** The clock. For tests. */
  readonly now?: () => Date
}

/** A backup that was removed, or in a dry run would be. */
export interface PrunedBackup extends PruneDecision {
  /** Objects, the manifest among them. */
  readonly files: number
  /** Bytes they took. */
  readonly bytes: number
}

export interface PruneReport {
  readonly dryRun: boolean
  /** In the order of removal: each before the backups that it needed. */
  readonly removed: readonly PrunedBackup[]
  readonly kept: readonly PruneDecision[]
  /** Directories whose manifest cannot be read. No plan decides about them; they stay. */
  readonly damaged: readonly DamagedEntry[]
  /** Freed in all, in bytes. */
  readonly bytes: number
  /** Why the plan must not be carried out, or `null`. Only a dry run gets this far with a blocked plan. */
  readonly blocked: string | null
}

/**
 * Removes the backups that a plan gives up. Nothing is removed unless the whole plan is sound: no kept backup
 * may lose an ancestor. Each backup goes before those it needs, and its manifest before its parts, so that at
 * every moment each backup that the destination lists can be restored.
 *
 * Interrupted by a failure or an abort, it can be run again: it goes on with what is left. A removal that
 * broke off after its manifest leaves parts that are no backup.
 *
 * @throws BackupError `invalid_options`; `conflict` for a plan that is blocked, names a backup twice or one
 * that is not there, for two backups of one id, and for a kept backup inside the directory of a removed one; `broken_chain` for a plan that would take an ancestor from
 * a kept backup; all before anything is removed. Later what the storage says; `metadata.removed` then has the
 * ids that are gone. After an abort it rejects with `signal.reason`.
 */
export async function prune(options: PruneOptions): Promise<PruneReport> {
  const {
    signal = never,
    onEvent = () => undefined,
    ...given
  } = parseOptions(optionsSchema, options, {
    what: 'prune options',
    operation: 'cleanup',
  })
  const call: Call = { signal }
  const driver = guard(given.driver)
  const removed: PrunedBackup[] = []
  try {
    const now = given.now?.() ?? new Date()
    const { backups, damaged } = await openCatalog(driver).list(call)
    const plan = given.plan(backups, now)
    const { keep, remove } = checkPlan(plan, { backups, damaged }, youngerThan(given.graceMs, now))
    const blocked = plan.blocked ?? null
    if (blocked !== null && !given.dryRun) throw refuse(blocked)
    onEvent({
      type: 'prune-start',
      dryRun: given.dryRun,
      remove: remove.map(({ id }) => id),
      keep: keep.map(({ id }) => id),
    })
    const reasons = new Map(remove.map((decision) => [decision.id, decision.reasons]))
    for (const entry of leavesFirst(backups.filter(({ id }) => reasons.has(id)))) {
      const size = given.dryRun ? await measure(driver, entry, call) : await removeBackup(driver, entry, call)
      removed.push({ id: entry.id, reasons: reasons.get(entry.id) ?? [], ...size })
      if (!given.dryRun) onEvent({ type: 'prune-remove', id: entry.id, ...size })
    }
    const bytes = removed.reduce((sum, backup) => sum + backup.bytes, 0)
    onEvent({
      type: 'prune-complete',
      dryRun: given.dryRun,
      removed: removed.length,
      kept: keep.length,
      bytes,
    })
    return { dryRun: given.dryRun, removed, kept: keep, damaged, bytes, blocked }
  } catch (error) {
    signal.throwIfAborted()
    throw isBackupError(error) ? withRemoved(error, given.dryRun ? [] : removed) : error
  }
}

const never = new AbortController().signal

const optionsSchema = z.strictObject({
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  plan: z.custom<PruneOptions['plan']>(isFunction, 'must be a function'),
  dryRun: z.boolean().default(false),
  graceMs: z.number().nonnegative().default(0),
  signal: z.instanceof(AbortSignal).optional(),
  onEvent: z.custom<OnEvent>(isFunction, 'must be a function').optional(),
  now: z.custom<() => Date>(isFunction, 'must be a function').optional(),
})

function youngerThan(graceMs: number, now: Date): (entry: CatalogEntry) => boolean {
  return ({ manifest }) => now.getTime() - Date.parse(manifest.completedAt) < graceMs
}

/** Manifest first: from then on it is no backup. */
async function removeBackup(
  driver: Driver,
  entry: CatalogEntry,
  call: Call,
): Promise<{ files: number; bytes: number }> {
  const size = await measure(driver, entry, call)
  await driver.delete(fileKey(entry.directory, manifestFile), call)
  await removeDirectory(driver, entry.directory, call)
  return size
}

async function measure(
  driver: Driver,
  { directory }: CatalogEntry,
  call: Call,
): Promise<{ files: number; bytes: number }> {
  const objects: ObjectInfo[] = []
  for await (const info of driver.list(`${directory}/`, call)) objects.push(info)
  return { files: objects.length, bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function refuse(blocked: string): BackupError {
  return new BackupError('conflict', `Nothing was removed: ${blocked}`, {
    operation: 'cleanup',
    suggestion: 'Look at the plan in a dry run. If it is what you want, allow it by force.',
    metadata: { blocked },
  })
}

function withRemoved(error: BackupError, removed: readonly PrunedBackup[]): unknown {
  return during('cleanup', error.with({ metadata: { removed: removed.map(({ id }) => id) } }))
}
