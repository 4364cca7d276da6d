import type { BackupPlugin } from '@s3db-backup/plugin'
import type { Session } from '../session.js'

/** Warns of deleted backups: `undelete` would bring them back with the key that they had. */
export async function warnOfDeleted({ terminal, signal }: Session, plugin: BackupPlugin): Promise<void> {
  const deleted = await plugin.deleted.list({ signal })
  for (const { id, encrypted, purgeAfter } of deleted)
    if (encrypted !== false)
      terminal.warn({
        message: `'${id}' is deleted and keeps its old key; undelete can bring it back until ${purgeAfter}`,
        suggestion: 'Keep the old key until then, or undelete it and run this again.',
      })
}

/**
 * Warns of what else has only the old key: backups that are being made, or were made since the rotation began, and, if all
 * were to be rotated, those whose manifest cannot be read.
 */
export async function warnOfOthers(
  { terminal, signal }: Session,
  plugin: BackupPlugin,
  rotated: readonly string[],
  { all = false, chain = false, removeOld = false }: Scope,
): Promise<void> {
  if (!all && !chain && !removeOld) return
  const { backups, unfinished } = await plugin.overview({ signal })
  for (const { id, status } of unfinished)
    if (status === 'in-progress')
      terminal.warn({
        message: `'${id}' is being made, and has only the key of the process that makes it`,
        suggestion: 'Give that process the new key, and run this again when the backup is complete.',
      })
  if (!all) return
  for (const backup of backups) {
    if (backup.status === 'damaged')
      terminal.warn({
        message: `The manifest of '${backup.id}' cannot be read; if the backup is encrypted, it keeps its old key`,
        suggestion:
          'Keep the old key until the backup is repaired and this was run again, or until it is deleted.',
      })
    else if (backup.encrypted && !rotated.includes(backup.id))
      terminal.warn({
        message: `'${backup.id}' was made meanwhile, and has only the key of the process that made it`,
        suggestion: 'Give that process the new key, and run this again.',
      })
  }
}

/** Which backups were to get the new key. */
interface Scope {
  readonly all?: boolean
  readonly chain?: boolean
  readonly removeOld?: boolean
}
