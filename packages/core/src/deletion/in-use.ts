import { failedFile } from '../format/layout.js'
import { lasting } from '../inventory/deleted.js'
import { inventory, lookAgain } from '../inventory/inventory.js'
import { isDeleted, isFinished } from '../inventory/inventory-entry.js'
import { readLeases, type Timed } from '../inventory/lease.js'
import type { StoredDirectory } from '../inventory/stored-directory.js'
import type { Driver } from '../ports/driver.js'
import { recoverableOf } from './grace-time.js'

/** The backups to remove, and the facts known when that was decided. */
export interface Wanted {
  readonly ids: ReadonlySet<string>
  /** The directories of the backups that were listed then. */
  readonly known: ReadonlySet<string>
  /** They go at once, and cannot be brought back. */
  readonly forGood: boolean
}

/**
 * Why some of the backups must stay just now, by id: a process uses them, a backup that was not there when the
 * decision was made builds on them, or a deleted one does that can still be brought back.
 */
export async function reasonsToStay(
  driver: Driver,
  { ids, known, forGood }: Wanted,
  timed: Timed,
): Promise<Map<string, string>> {
  const reasons = new Map<string, string>()
  const stay = (id: string | null, reason: string) => {
    if (id !== null && ids.has(id) && !reasons.has(id)) reasons.set(id, reason)
  }
  for (const { kind, operation, holder, takenAt, backups } of await readLeases(driver, timed))
    if (kind === 'use')
      for (const id of backups) stay(id, `in use by a ${operation} (${holder}) since ${takenAt}`)
  const { signal } = timed
  const here = await inventory(driver, { signal })
  const seen = await here.entries({
    where: ({ holding, directory }) =>
      (holding === 'backup' && !known.has(directory)) || (forGood && holding === 'deleted'),
  })
  if (forGood) {
    const between = here.directories.filter(isInBetween)
    seen.push(...(await lookAgain(driver, between, { signal })))
  }
  for (const entry of seen)
    if (isFinished(entry) && !ids.has(entry.id)) stay(entry.manifest.parent, `needed by ${entry.id}`)
  if (!forGood) return reasons
  const recoverable = await recoverableOf(driver, lasting(seen.filter(isDeleted)), timed)
  for (const { id, parent, purgeAfter } of recoverable)
    if (!ids.has(id))
      stay(parent, `needed by ${id}, which is deleted and can be brought back until ${purgeAfter}`)
  return reasons
}

/** Whether a directory has neither a manifest nor a deletion note, and is not just the note of a failed backup. */
function isInBetween({ holding, objects }: StoredDirectory): boolean {
  const failure = objects.every(({ key }) => key.endsWith(`/${failedFile}`))
  return holding === 'remains' || (holding === 'attempt' && !failure)
}
