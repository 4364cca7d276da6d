import { type BackupError, isBackupError } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { PluginRestore } from '@s3db-backup/plugin-adapter'
import {
  databaseExists,
  type OpenDatabase,
  openDatabase,
  openLater,
  openNowhere,
} from '../access/database.js'
import { openPlugin } from '../access/open-plugin.js'
import { thawFirst } from '../access/thaw.js'
import type { RestoreCommand } from '../config/command-options.js'
import { checkConnection } from '../config/connection.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { agreed, checkSomebodyIsThere } from '../terminal/ask.js'
import { watchProgress, watchTime } from '../terminal/progress.js'
import { printRestore } from '../terminal/restore-summary.js'
import { count, counted } from '../terminal/units.js'
import { findBackup } from './status.js'

/** `s3db-backup restore <id>`: brings a backup back and says what was done to each resource. */
export async function restore(session: Session, id: string, options: RestoreCommand): Promise<void> {
  const { terminal } = session
  const settings = await readSettings(options, terminal)
  const connection = checkConnection(options.target ?? settings.connection)
  terminal.redactor.hideConnection(connection)
  const unconnected = openPlugin(settings)
  // Before the target is opened, which would make it: a backup that is not there leaves nothing behind.
  const backup = await findBackup(unconnected, id, 'restore')
  const asks = options.mode === 'replace' && options.yes !== true && options.dryRun !== true
  const isNew = !(await databaseExists(connection, session))
  await thawFirst(session, unconnected, id, options)
  if (asks && !isNew) checkSomebodyIsThere(session, removal)

  const opened = await openTarget(session, connection, { isNew, dryRun: options.dryRun === true })
  try {
    const plugin = openPlugin(settings, isNew ? undefined : opened.database)
    if (options.overwrite === true) terminal.note('⚠️  Overwrite mode enabled')
    if (asks && !isNew && !(await agreedToRemove(session, plugin, id, options)))
      return terminal.note('Nothing was restored.')
    const restored = await watched(session, plugin, options, () =>
      plugin.restore(id, {
        ...callOf(options, session.signal),
        ...(isNew ? { target: opened.database } : {}),
        ...(isNew || !options.verify ? { verification: options.verify } : {}),
      }),
    )
    printRestore(terminal, backup, restored)
  } finally {
    await opened.close()
  }
}

const removal = {
  whetherTo: 'remove records that the backup does not have',
  suggestion: 'Add --yes to restore without being asked. --dry-run counts the records.',
  operation: 'restore',
} as const

/** Counts what `replace` would remove, and asks if that is anything. */
async function agreedToRemove(
  session: Session,
  plugin: BackupPlugin,
  id: string,
  options: RestoreCommand,
): Promise<boolean> {
  const progress = watchTime(session.terminal, { doing: 'Comparing', mode: options.progress })
  const call = { ...callOf(options, session.signal), dryRun: true, verification: false }
  const { resources } = await plugin.restore(id, call).finally(() => progress.stop())
  const counts = Object.entries(resources).filter(([, { removed }]) => removed > 0)
  if (counts.length === 0) return true
  const removed = counts.reduce((sum, [, report]) => sum + report.removed, 0)
  const where = counts.map(([name, report]) => `${name}: ${count(report.removed)}`).join(', ')
  const text = `${counted(removed, 'record')} that the backup does not have will be removed (${where}). Go on?`
  return agreed(session, { ...removal, text })
}

/**
 * A database that is not there yet is connected by the restore, once everything that it will read was checked:
 * connecting makes it, and a damaged backup must not even leave an empty one behind.
 */
function openTarget(
  session: Session,
  connection: string,
  { isNew, dryRun }: { readonly isNew: boolean; readonly dryRun: boolean },
): Promise<OpenDatabase> {
  if (!isNew) return openDatabase(connection, session, { mustExist: true })
  return dryRun ? openNowhere(session) : openLater(connection)
}

/** Shows how far a restore is, and what is left to do where its backup is damaged. */
async function watched(
  { terminal }: Session,
  plugin: BackupPlugin,
  { verify, progress: mode }: RestoreCommand,
  work: () => Promise<PluginRestore>,
): Promise<PluginRestore> {
  const first = verify ? { first: 'Checking the backup' } : {}
  const progress = watchProgress(plugin, terminal, { doing: 'Restoring', mode, ...first })
  try {
    return await work()
  } catch (error) {
    throw isBackupError(error, 'corrupt') ? withWaysOut(error) : error
  } finally {
    progress.stop()
  }
}

function withWaysOut(error: BackupError): BackupError {
  const { backupId } = error.metadata
  const id = typeof backupId === 'string' ? ` ${backupId}` : ''
  return error.with({
    suggestion: `Restore another backup, or with --resources those that are sound: 's3db-backup verify${id}' says which are not, and 's3db-backup salvage${id}' gets out of them what is intact.`,
  })
}

function callOf(
  options: RestoreCommand,
  signal: AbortSignal,
): NonNullable<Parameters<BackupPlugin['restore']>[1]> {
  const { overwrite, mode, resources, exclude, ids, partition, rename, dryRun, allowIncomplete } = options
  return {
    signal,
    allowPlain: options.allowPlain === true,
    ...(overwrite === undefined ? {} : { overwrite }),
    ...(mode === undefined ? {} : { mode }),
    ...(resources === undefined ? {} : { resources }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(ids === undefined ? {} : { ids }),
    ...(partition === undefined ? {} : { partitions: partition }),
    ...(rename === undefined ? {} : { rename }),
    ...(dryRun === undefined ? {} : { dryRun }),
    ...(allowIncomplete === undefined ? {} : { allowIncomplete }),
  }
}
