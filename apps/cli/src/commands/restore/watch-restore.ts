import { type BackupError, isBackupError } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { PluginRestore } from '@s3db-backup/plugin-adapter'
import type { ProgressMode } from '../../config/options.js'
import type { Session } from '../../session.js'
import { watchProgress } from '../../terminal/progress.js'
import { shellWord } from '../../terminal/shell-words.js'
import { watchWritten } from '../../terminal/written.js'

/** What is shown of a restore under way. */
interface Shown {
  readonly mode: ProgressMode
  /** Whether records that the target already has are left alone, and so do not count as written. */
  readonly passesOver: boolean
  /** The backup as typed, and its id. */
  readonly given: string
  readonly id: string
}

/** Shows how far a restore is, and what is left to do where its backup is damaged. */
export async function watchRestore(
  session: Session,
  plugin: BackupPlugin,
  shown: Shown,
  work: () => Promise<PluginRestore>,
): Promise<PluginRestore> {
  const { terminal, signal } = session
  const { mode, passesOver } = shown
  const progress = watchProgress(plugin, terminal, { doing: 'Restoring', mode, passesOver })
  const written = watchWritten(plugin)
  try {
    return await work()
  } catch (error) {
    if (signal.aborted) session.stopping = written.soFar(howToGoOn(session, shown))
    throw isBackupError(error, 'corrupt') ? withWaysOut(error) : error
  } finally {
    progress.stop()
    written.stop()
  }
}

/** The same command with the backup's own id: `latest` may be another one by then. */
function howToGoOn({ typed = [] }: Session, { given, id }: Shown): string {
  const words = typed.map((word) => shellWord(word === given ? id : word))
  return `To go on, run it again: s3db-backup ${words.join(' ')}`
}

function withWaysOut(error: BackupError): BackupError {
  const { backupId } = error.metadata
  const id = typeof backupId === 'string' ? ` ${backupId}` : ''
  return error.with({
    suggestion: `Restore another backup, or only the intact resources with --resources: 's3db-backup verify${id}' names the damaged ones. 's3db-backup salvage${id}' recovers the intact records.`,
  })
}
