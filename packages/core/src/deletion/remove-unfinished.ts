import { BackupError } from '../errors.js'
import { isMadeId } from '../format/backup-id.js'
import { fileKey, manifestFile, startedFile } from '../format/layout.js'
import { abandonment } from '../inventory/abandoned.js'
import { missingBackup } from '../inventory/catalog.js'
import type { Inventory } from '../inventory/inventory.js'
import { isListed } from '../inventory/is-listed.js'
import type { Timed } from '../inventory/lease.js'
import { leastGrace, readStarted } from '../inventory/started.js'
import type { Driver } from '../ports/driver.js'
import { needed } from './refusals.js'
import { removeEach } from './removal.js'
import { measureDirectory, type Removed, removeBegun } from './remove-directory.js'

/**
 * Removes the directory of a backup without a manifest: a running one, a dead one, or the rest of a deleted one. The
 * start note is removed first, and then the manifest is checked again: a process that is still making the backup has
 * either stored the manifest, and the directory stays, or finds the note gone, and fails.
 *
 * Throws `not_found` if there is nothing, and `conflict` if it may be under way, unless `force`, or was completed at
 * this moment.
 */
export async function removeUnfinished(
  driver: Driver,
  here: Inventory,
  { id, force }: { readonly id: string; readonly force: boolean },
  timed: Timed,
): Promise<Removed> {
  const directory = findDirectory(here, id)
  if (directory === undefined) throw missingBackup(id, 'delete')
  const startedAt = (await readStarted(driver, directory, timed))?.startedAt
  const isAbandoned = abandonment(driver, { staleAfter: leastGrace, now: timed.now })
  if (!force && startedAt !== undefined && !(await isAbandoned(id, startedAt, timed)))
    throw beingMade(id, startedAt)
  const size = await measureDirectory(driver, directory, timed)
  const takeIt = async () => {
    await driver.delete(fileKey(directory, startedFile), timed)
    if (await isListed(driver, fileKey(directory, manifestFile), timed)) throw justMade(id)
    await removeBegun(driver, directory, timed)
  }
  if (force) {
    await takeIt()
    return size
  }
  // A copy of the backup may be about to take what is here for its own.
  const known = new Set(here.directories.map((stored) => stored.directory))
  const removal = { operation: 'delete', backups: [{ id, parent: null }], known, forGood: false }
  const reason = (await removeEach(driver, removal, timed, takeIt)).get(id)
  if (reason !== undefined) throw needed(id, reason)
  return size
}

function findDirectory({ directories }: Inventory, id: string): string | undefined {
  return isMadeId(id) ? directories.find((stored) => stored.id === id)?.directory : undefined
}

function beingMade(backupId: string, startedAt: string): BackupError {
  return new BackupError('conflict', `Backup '${backupId}' was not deleted: it is being made`, {
    operation: 'delete',
    retriable: true,
    suggestion: `It started at ${startedAt}. Wait until it is complete. If its process died, you can delete it one hour after its start, when its last sign of life is 15 minutes old; force deletes it at once.`,
    metadata: { backupId, startedAt },
  })
}

function justMade(backupId: string): BackupError {
  return new BackupError('conflict', `Backup '${backupId}' was not deleted: it was completed just now`, {
    operation: 'delete',
    retriable: true,
    suggestion: 'Run the deletion again.',
    metadata: { backupId },
  })
}
