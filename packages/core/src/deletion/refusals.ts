import { BackupError } from '../errors.js'
import type { FinishedEntry, SpoiltEntry } from '../inventory/inventory-entry.js'

/* Why a backup is not deleted. Nothing was removed then. */

/** Throws `conflict` if it lies in several places: the copy may be meant as the one to keep, or may be partial. */
export function refuseCopied(entry: FinishedEntry | SpoiltEntry | undefined): void {
  if (entry === undefined || !('copies' in entry) || entry.copies === undefined) return
  const directories = [entry.directory, ...entry.copies.map(({ directory }) => directory)]
  throw new BackupError(
    'conflict',
    `Backup '${entry.id}' was not deleted: it is in several places, ${directories.join(' and ')}`,
    {
      operation: 'delete',
      suggestion: 'Remove one of these directories by hand: all of them have the same id.',
      metadata: { backupId: entry.id, directories },
    },
  )
}

/** Others cannot be restored without it. */
export function stillNeeded(backupId: string, dependants: readonly string[]): BackupError {
  const many = dependants.length > 1
  return new BackupError(
    'conflict',
    `Backup '${backupId}' was not deleted: ${dependants.join(', ')} ${many ? 'need' : 'needs'} it`,
    {
      operation: 'delete',
      suggestion: `Delete ${many ? 'those' : 'that one'} first, or consolidate the last of the chain and delete the chain; force deletes it anyway.`,
      metadata: { backupId, dependants },
    },
  )
}

/**
 * One may build on it whose manifest cannot be read. Not asked of a backup that is damaged itself: nothing builds on it that
 * could be restored.
 */
export function maybeNeeded(backupId: string, needing: string): BackupError {
  return new BackupError(
    'conflict',
    `Backup '${backupId}' was not deleted: '${needing}' may need it, and the manifest of '${needing}' cannot be read`,
    {
      operation: 'delete',
      suggestion: `Repair or delete '${needing}' first; force deletes this one anyway.`,
      metadata: { backupId, damaged: needing },
    },
  )
}

/** A process uses it at this moment. */
export function needed(backupId: string, reason: string): BackupError {
  return new BackupError('conflict', `Backup '${backupId}' was not deleted: it is ${reason}`, {
    operation: 'delete',
    retriable: true,
    suggestion: 'Wait until that has finished, or delete it with force.',
    metadata: { backupId, reason },
  })
}
