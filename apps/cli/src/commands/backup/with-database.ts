import type { BackupPlugin } from '@s3db-backup/plugin'
import type { BackupCall } from '@s3db-backup/plugin-adapter'
import { openDatabase } from '../../access/database.js'
import { openPlugin } from '../../access/open-plugin.js'
import { resolveId } from '../../access/resolve-id.js'
import { checkConnection } from '../../config/connection.js'
import type { Settings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { type Watch, watchProgress, watchTime } from '../../terminal/progress.js'
import { type BackupOptions, backupCall } from './backup-options.js'

/** Does work with the plugin in the database, and shows how far it is. */
export async function withDatabase<T>(
  session: Session,
  settings: Settings,
  options: Pick<BackupOptions, 'dryRun' | 'progress' | 'since' | 'full' | 'verify'>,
  work: (plugin: BackupPlugin, call: BackupCall, progress: Watch) => Promise<T>,
): Promise<T> {
  const { terminal, signal } = session
  const connection = checkConnection(settings.connection)
  // Opened before the database, so that a mistake in its settings is reported at once.
  openPlugin(settings)
  const doing = options.dryRun === true ? 'Trying' : 'Backing up'
  const connecting = watchTime(terminal, { doing: `${doing}: connecting`, mode: options.progress })
  const opened = await openDatabase(connection, session, { mustExist: true }).finally(() => connecting.stop())
  try {
    const plugin = openPlugin(settings, opened.database)
    const progress = watchProgress(plugin, terminal, { doing, mode: options.progress })
    try {
      const since = options.since === undefined ? undefined : await parentOf(plugin, options.since)
      return await work(plugin, backupCall({ ...options, since }, settings, signal), progress)
    } finally {
      progress.stop()
    }
  } finally {
    await opened.close()
  }
}

/** A time stays unchanged; `latest` and the beginning of an id become an id. */
function parentOf(plugin: BackupPlugin, since: string): Promise<string> {
  return /^\d/.test(since) ? Promise.resolve(since) : resolveId(plugin, since, 'backup')
}
