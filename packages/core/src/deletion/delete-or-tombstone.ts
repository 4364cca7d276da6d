import { deleteChecked } from '../format/delete-checked.js'
import { fileKey, manifestFile } from '../format/layout.js'
import { noteDeletion } from '../inventory/deletion-note.js'
import type { Timed } from '../inventory/lease.js'
import type { Driver } from '../ports/driver.js'
import { measureDirectory, type Removed, removeDirectory } from './remove-directory.js'

/** What became of a backup that was removed. */
export interface TakenOut extends Removed {
  /** Until then it can be brought back and takes its bytes; ISO 8601, UTC. `null` if it is gone for good. */
  readonly purgeAfter: string | null
}

export interface TakingOut {
  /** How long it can be brought back, in ms. */
  readonly deletionGrace: number
  readonly reasons: readonly string[]
  /** Only say what would be removed. */
  readonly dryRun?: boolean | undefined
}

/**
 * Deletes a backup from the destination. With a grace time its manifest is kept in a note, and its parts stay; without
 * one everything is removed. The manifest is removed first in either case, and from then on there is no backup. Returns
 * `undefined` if another process has just deleted it.
 */
export async function takeOut(
  driver: Driver,
  directory: string,
  { deletionGrace, reasons, dryRun = false }: TakingOut,
  timed: Timed,
): Promise<TakenOut | undefined> {
  const deletedAt = timed.now()
  const wanted = deletionGrace === 0 ? null : new Date(deletedAt.getTime() + deletionGrace).toISOString()
  const size = await measureDirectory(driver, directory, timed)
  if (dryRun) return { ...size, purgeAfter: wanted }
  const note = { deletedAt: deletedAt.toISOString(), reasons }
  const purgeAfter =
    wanted === null ? null : await noteDeletion(driver, directory, { ...note, purgeAfter: wanted }, timed)
  if (purgeAfter === undefined) return undefined
  // Even if a listing does not show it: a backup that needs others must not outlive them.
  await deleteChecked(driver, fileKey(directory, manifestFile), { ...timed, kind: 'manifest' })
  if (purgeAfter === null) await removeDirectory(driver, directory, timed)
  return { ...size, purgeAfter }
}
