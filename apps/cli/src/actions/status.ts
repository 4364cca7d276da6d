import { BackupError, type Operation } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { BackupStatus, PluginBackup } from '@s3db-backup/plugin-adapter'
import type { PlaceOptions } from '../command-options.js'
import { backupDetails, printDetails } from '../details.js'
import { openPlugin } from '../open-plugin.js'
import type { Session } from '../session.js'
import { readSettings } from '../settings.js'

/** `s3db-backup backup --status <id>`: one backup in a few lines. Needs no database. */
export async function status({ terminal }: Session, id: string, options: PlaceOptions): Promise<void> {
  const settings = await readSettings(options, terminal)
  const backup = await findBackup(openPlugin(settings), id)
  if (terminal.json) terminal.document(backup)
  else if (terminal.quiet) terminal.print(backup.status)
  else printDetails(terminal, 'Backup Status', backupDetails(backup, terminal))
}

/** The backup of that id. Throws `not_found`, or what is wrong with its manifest. */
export async function findBackup(
  plugin: BackupPlugin,
  id: string,
  operation: Operation = 'status',
): Promise<PluginBackup> {
  const backup = await plugin.getBackupStatus(id)
  if (backup === null) {
    throw new BackupError('not_found', `Backup '${id}' not found`, {
      operation,
      metadata: { backupId: id },
    })
  }
  if (backup.status === 'damaged') throw backup.error.with({ operation })
  if (!isFinished(backup)) {
    throw new BackupError('not_found', `Backup '${id}' is not finished: ${backup.status}`, {
      operation,
      metadata: { backupId: id, status: backup.status },
    })
  }
  return backup
}

function isFinished(backup: BackupStatus): backup is Extract<BackupStatus, PluginBackup> {
  return backup.status === 'completed' || backup.status === 'incomplete'
}
