import { BackupError } from '../errors.js'
import { howManyLost, unreadableOf } from '../format/manifest/stated-losses.js'
import type { ResourceEntry } from '../manifest.js'

/** The error for a record that a backup names as lost. */
export function lostRecord(
  backupId: string,
  { resource, id, reason }: { readonly resource: string; readonly id: string; readonly reason: string },
): BackupError {
  return new BackupError(
    'incomplete',
    `Record ${JSON.stringify(id)} of ${resource} exists and could not be read when '${backupId}' was made: ${reason}`,
    {
      operation: 'open',
      suggestion: 'Look in an earlier backup; history shows which backups have it.',
      metadata: { backupId, resource, id },
    },
  )
}

/** Why a record that a backup does not have may be one that it lost: it does not name all of those. */
export function doubtOf(backupId: string, entry: ResourceEntry, id: string): BackupError | undefined {
  if (!unreadableOf(entry).others) return undefined
  const resource = entry.name
  return new BackupError(
    'incomplete',
    `Record ${JSON.stringify(id)} of ${resource} is not in '${backupId}', but may have existed: ${howManyLost([entry])} could not be read when it was made, and it does not name all of them`,
    {
      operation: 'open',
      suggestion: 'Look in another backup; history shows which backups have it.',
      metadata: { backupId, resource, id },
    },
  )
}
