import { BackupError } from '../errors.js'
import type { CatalogEntry, DamagedEntry } from '../inventory/catalog.js'
import { mayBeNeededBy, reasonToKeep } from './may-be-needed.js'

/** A plan's decision about one backup. */
export interface PruneDecision {
  readonly id: string
  /** Why, in plain words. */
  readonly reasons: readonly string[]
}

/** The plan for the backups of a destination. Backups that it does not name are kept. */
export interface PrunePlan {
  readonly keep: readonly PruneDecision[]
  readonly remove: readonly PruneDecision[]
  /** Why the plan must not be carried out, if so. A dry run still shows it. */
  readonly blocked?: string | null | undefined
}

/** The contents of a destination. */
export interface Listing {
  readonly backups: readonly CatalogEntry[]
  readonly damaged: readonly DamagedEntry[]
}

/** The plan with a decision for every backup, none of which harms another. */
export interface SoundPlan {
  readonly keep: readonly PruneDecision[]
  readonly remove: readonly PruneDecision[]
}

/**
 * Checks a plan against the backups that are there. Backups that it does not name are kept, and so are those that
 * `heldFor` has a reason for, with their ancestors, and those that a damaged backup may need. Throws `conflict` or
 * `broken_chain` before anything is removed.
 */
export function checkPlan(
  plan: PrunePlan,
  { backups, damaged }: Listing,
  heldFor: (entry: CatalogEntry) => string | undefined,
): SoundPlan {
  const entries = byId(backups)
  const remove = named(plan.remove, entries)
  const keep = named(plan.keep, entries)
  for (const id of remove.keys()) if (keep.has(id)) throw unsound(id, 'is both kept and removed by the plan')
  refuseOrphans(backups, remove, entries)
  refuseNested({ backups, damaged }, remove)
  const held = backups.flatMap((entry) => {
    const reason = remove.has(entry.id) ? heldFor(entry) : undefined
    return reason === undefined ? [] : [{ entry, reason }]
  })
  for (const { entry, reason } of held) hold(entry, reason)
  holdNeeded()
  return {
    keep: backups
      .filter(({ id }) => !remove.has(id))
      .map(({ id }) => keep.get(id) ?? { id, reasons: ['not in the plan'] }),
    remove: [...remove.values()],
  }

  function hold({ id, manifest }: CatalogEntry, reason: string): void {
    remove.delete(id)
    keep.set(id, { id, reasons: [reason] })
    for (let parent = manifest.parent; parent !== null && remove.delete(parent); ) {
      keep.set(parent, { id: parent, reasons: [`needed by ${id}`] })
      parent = entries.get(parent)?.manifest.parent ?? null
    }
  }

  function holdNeeded(): void {
    for (const { id, manifest } of backups) {
      const needing = mayBeNeededBy({ id, exportedAt: manifest.exportedAt }, damaged)
      if (needing !== undefined && remove.delete(id)) keep.set(id, { id, reasons: [reasonToKeep(needing)] })
    }
  }
}

/** Each backup before those it needs, so an interruption leaves no backup without ancestors. */
export function leavesFirst<T extends { readonly id: string; readonly parent: string | null }>(
  backups: readonly T[],
): T[] {
  const entries = new Map(backups.map((entry) => [entry.id, entry]))
  const ordered = new Set<T>()
  for (const entry of backups) {
    // From here down to the first ancestor that is already placed; all of it is placed after what was placed before.
    const chain: T[] = []
    for (
      let here: T | undefined = entry;
      here !== undefined && !ordered.has(here) && !chain.includes(here);
    ) {
      chain.push(here)
      here = entries.get(here.parent ?? '')
    }
    for (const link of chain.reverse()) ordered.add(link)
  }
  return [...ordered].reverse()
}

/** A backup that stays must not lose its parent. As all that stay are checked, no ancestor is lost either. */
function refuseOrphans(
  backups: readonly CatalogEntry[],
  remove: ReadonlyMap<string, PruneDecision>,
  entries: ReadonlyMap<string, CatalogEntry>,
): void {
  for (const { id, manifest } of backups) {
    const { parent } = manifest
    if (remove.has(id) || parent === null || !entries.has(parent) || !remove.has(parent)) continue
    throw new BackupError(
      'broken_chain',
      `The plan removes '${parent}', but '${id}', which it keeps, needs it; nothing was removed`,
      {
        operation: 'cleanup',
        suggestion: 'Correct the plan: whatever it keeps, it must keep with all ancestors.',
        metadata: { backupId: id, missing: parent },
      },
    )
  }
}

/** Removing takes a whole directory. Someone may have copied a backup into another's. */
function refuseNested({ backups, damaged }: Listing, remove: ReadonlyMap<string, PruneDecision>): void {
  const going = new Set(backups.filter(({ id }) => remove.has(id)).map(({ directory }) => directory))
  const copies = backups.flatMap(({ id, copies = [] }) => copies.map(({ directory }) => ({ id, directory })))
  for (const { id, directory } of [...backups, ...copies, ...damaged]) {
    if (going.has(directory)) continue
    for (let end = directory.lastIndexOf('/'); end > 0; end = directory.lastIndexOf('/', end - 1)) {
      const outer = directory.slice(0, end)
      if (going.has(outer)) throw unsound(id, `lies inside ${outer}, which the plan removes`)
    }
  }
}

function byId(backups: readonly CatalogEntry[]): ReadonlyMap<string, CatalogEntry> {
  const entries = new Map<string, CatalogEntry>()
  for (const entry of backups) {
    const other = entries.get(entry.id)
    if (other !== undefined)
      throw unsound(entry.id, `exists twice, at ${other.directory} and ${entry.directory}`)
    entries.set(entry.id, entry)
  }
  return entries
}

function named(
  decisions: readonly PruneDecision[],
  entries: ReadonlyMap<string, CatalogEntry>,
): Map<string, PruneDecision> {
  const found = new Map<string, PruneDecision>()
  for (const { id, reasons } of decisions) {
    if (!entries.has(id)) throw unsound(id, 'is in the plan, but not at the destination')
    if (found.has(id)) throw unsound(id, 'is in the plan twice')
    found.set(id, { id, reasons })
  }
  return found
}

function unsound(id: string, what: string): BackupError {
  return new BackupError('conflict', `Backup '${id}' ${what}; nothing was removed`, {
    operation: 'cleanup',
    suggestion: 'List the backups again and make a new plan.',
    metadata: { backupId: id },
  })
}
