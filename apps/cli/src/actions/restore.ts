import type { BackupPlugin } from '@s3db-backup/plugin'
import { agreed, checkSomebodyIsThere } from '../ask.js'
import type { RestoreCommand } from '../command-options.js'
import { checkConnection } from '../connection.js'
import { databaseExists, openDatabase, openNowhere } from '../database.js'
import { openPlugin } from '../open-plugin.js'
import { watchProgress, watchTime } from '../progress.js'
import { printRestore } from '../restore-summary.js'
import type { Session } from '../session.js'
import { readSettings } from '../settings.js'
import { thawFirst } from '../thaw.js'
import { count, counted } from '../units.js'
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
  const checked = isNew && options.verify && options.dryRun !== true
  if (checked) await checkFirst(session, unconnected, id, options)

  const opened =
    isNew && options.dryRun === true
      ? await openNowhere(session)
      : await openDatabase(connection, session, { mustExist: !isNew })
  try {
    const plugin = openPlugin(settings, opened.database)
    if (options.overwrite === true) terminal.note('⚠️  Overwrite mode enabled')
    if (asks && !isNew && !(await agreedToRemove(session, plugin, id, options)))
      return terminal.note('Nothing was restored.')
    const progress = watchProgress(plugin, terminal, { doing: 'Restoring', mode: options.progress })
    try {
      const restored = await plugin.restore(id, {
        ...callOf(options, session.signal),
        ...(checked || !options.verify ? { verification: false } : {}),
      })
      progress.stop()
      printRestore(terminal, backup, restored)
    } finally {
      progress.stop()
    }
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

/** A damaged backup must not even leave an empty database behind where there was none. */
async function checkFirst(
  { terminal, signal }: Session,
  plugin: BackupPlugin,
  id: string,
  { progress: mode, allowPlain = false }: RestoreCommand,
): Promise<void> {
  const progress = watchTime(terminal, { doing: 'Checking the backup', mode })
  const { problems } = await plugin.verify(id, { allowPlain, signal }).finally(() => progress.stop())
  const [problem] = problems
  if (problem !== undefined) throw problem.with({ operation: 'restore' })
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
