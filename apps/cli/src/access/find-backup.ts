import { BackupError, isBackupError, type Operation } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { BackupStatus, DeletedBackup, PluginBackup, UnreadBackup } from '@s3db-backup/plugin-adapter'
import { howToList } from '../terminal/command-words.js'
import { instant } from '../terminal/units.js'

/** The backup of that id. Throws `not_found`, or what is wrong with its manifest. */
export async function findBackup(
  plugin: BackupPlugin,
  id: string,
  operation: Operation = 'status',
): Promise<PluginBackup | UnreadBackup> {
  const backup = await backupUnder(plugin, id, { operation, suggestion: howToList })
  if (!isFinished(backup)) {
    if (backup.status === 'deleted' && 'purgeAfter' in backup) throw isDeleted(backup, operation)
    throw new BackupError('not_found', `Backup '${id}' is not finished: ${backup.status}`, {
      operation,
      suggestion: howToList,
      metadata: { backupId: id, status: backup.status },
    })
  }
  return backup
}

/** What there is under that id, finished or not. */
export async function backupUnder(
  plugin: BackupPlugin,
  id: string,
  { operation, suggestion }: { readonly operation: Operation; readonly suggestion: string },
): Promise<Known> {
  const backup = await plugin.getBackupStatus(id)
  if (backup === null) {
    throw new BackupError('not_found', `Backup '${id}' not found`, {
      operation,
      suggestion,
      metadata: { backupId: id },
    })
  }
  if (backup.status === 'damaged') throw backup.error.with({ operation })
  return backup
}

export type Known = Exclude<BackupStatus, { readonly status: 'damaged' }>

export function isFinished(backup: Known): backup is Extract<Known, PluginBackup | UnreadBackup> {
  return backup.checksum !== null
}

/** `not_found` for a backup that is deleted, with the command that brings it back while that is possible. */
function isDeleted(backup: DeletedBackup, operation: Operation): BackupError {
  const { id, purgeAfter } = backup
  return new BackupError('not_found', `Backup '${id}' is deleted`, {
    operation,
    suggestion: howToUndelete(backup),
    metadata: { backupId: id, status: 'deleted', purgeAfter },
  })
}

/**
 * Does work that needs backups. If one of them is not found because it is deleted, the error says so, and names
 * the command that brings it back.
 */
export async function namingDeleted<T>(plugin: BackupPlugin, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw isBackupError(error) ? await withDeleted(plugin, error) : error
  }
}

async function withDeleted(plugin: BackupPlugin, error: BackupError): Promise<BackupError> {
  const id = lackingIn(error)
  const backup = id === undefined ? null : await statusOf(plugin, id)
  if (backup?.status !== 'deleted' || !('purgeAfter' in backup)) return error
  return error.code === 'not_found'
    ? isDeleted(backup, error.operation)
    : error.with({ suggestion: `'${backup.id}' is deleted. ${howToUndelete(backup)}` })
}

function howToUndelete({ id, purgeAfter, complete }: DeletedBackup): string {
  return complete
    ? `'s3db-backup undelete ${id}' brings it back; from ${instant(purgeAfter)} on it may be permanently removed.`
    : `Some of its files are already removed, so it cannot be undeleted. ${howToList}`
}

/** The id of the backup that an error says is not there. */
function lackingIn({ code, metadata: { backupId, missing } }: BackupError): string | undefined {
  const id = code === 'not_found' ? backupId : code === 'broken_chain' ? missing : undefined
  return typeof id === 'string' ? id : undefined
}

/** A missing backup is still reported if the destination no longer answers. */
async function statusOf(plugin: BackupPlugin, id: string): Promise<BackupStatus | null> {
  try {
    return await plugin.getBackupStatus(id)
  } catch (error) {
    if (isBackupError(error)) return null
    throw error
  }
}
