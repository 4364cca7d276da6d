import { BackupError, isBackupError, type Operation } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { BackupStatus, PluginBackup } from '@s3db-backup/plugin-adapter'
import { missingDirectory } from '../access/backup-directory.js'
import { isDeleted } from '../access/find-backup.js'
import { openPlugin } from '../access/open-plugin.js'
import type { PlaceOptions } from '../config/command-options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { backupDetails, printDetails } from '../terminal/backups.js'
import { howToList } from '../terminal/command-words.js'
import type { Terminal } from '../terminal/terminal.js'

/** `s3db-backup backup --status <id>`: one backup in a few lines. Needs no database. */
export async function status({ terminal }: Session, id: string, options: PlaceOptions): Promise<void> {
  const settings = await readSettings(options, terminal)
  const suggestion = (await missingDirectory(settings)) ?? howToList
  const backup = await known(openPlugin(settings), id, { operation: 'status', suggestion })
  if (terminal.json) terminal.document(backup)
  else if (terminal.quiet) terminal.print(backup.status)
  else printDetails(terminal, 'Backup Status', details(backup, terminal))
}

function details(backup: Known, terminal: Terminal): [string, string][] {
  if (isFinished(backup)) return backupDetails(backup, terminal)
  const { id, type, status, timestamp, path, error } = backup
  return [
    ['ID', id],
    ['Type', type],
    ['Status', status],
    ...(timestamp === null ? [] : [['Started', timestamp] satisfies [string, string]]),
    ['Path', path],
    ...('purgeAfter' in backup ? [['Gone', backup.purgeAfter] satisfies [string, string]] : []),
    ...(isBackupError(error)
      ? [['Error', `${error.message} (${error.code})`] satisfies [string, string]]
      : []),
  ]
}

/** The backup of that id. Throws `not_found`, or what is wrong with its manifest. */
export async function findBackup(
  plugin: BackupPlugin,
  id: string,
  operation: Operation = 'status',
): Promise<PluginBackup> {
  const backup = await known(plugin, id, { operation, suggestion: howToList })
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
async function known(
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

type Known = Exclude<BackupStatus, { readonly status: 'damaged' }>

function isFinished(backup: Known): backup is Extract<Known, PluginBackup> {
  return backup.checksum !== null
}
