import { createInterface } from 'node:readline/promises'
import { BackupError } from '@s3db-backup/core'
import type { DeleteCommand } from '../command-options.js'
import { openPlugin } from '../open-plugin.js'
import type { Session } from '../session.js'
import { readSettings } from '../settings.js'
import { bytes, counted } from '../units.js'

/** `s3db-backup delete <id>`: asks, then removes a backup. Needs no database. */
export async function deleteBackup(session: Session, id: string, options: DeleteCommand): Promise<void> {
  const { terminal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  if (options.yes !== true) {
    // A backup that is not there is told before the question. A damaged one is left to the deletion to judge.
    if ((await plugin.getBackupStatus(id)) === null) throw notFound(id)
    if (!(await agreed(session, id))) return terminal.note('Nothing was deleted.')
  }
  const removed = await plugin.deleteBackup(id)
  if (terminal.json) terminal.document(removed)
  else if (!terminal.quiet)
    terminal.print(
      `${terminal.colors.green('✓')} ${id} deleted (${counted(removed.files, 'file')}, ${bytes(removed.bytes)})`,
    )
}

async function agreed({ terminal, signal }: Session, id: string): Promise<boolean> {
  if (!terminal.watched || !terminal.input.isTTY || terminal.json) {
    throw new BackupError('invalid_options', 'There is nobody to ask whether to delete the backup', {
      operation: 'delete',
      suggestion: 'Add --yes to delete it without being asked.',
    })
  }
  const prompt = createInterface({ input: terminal.input, output: process.stderr })
  // The line editor takes Ctrl-C for itself; it means the same as elsewhere.
  prompt.on('SIGINT', () => process.emit('SIGINT', 'SIGINT'))
  try {
    const answer = await prompt.question(`Delete ${id} for good? [y/N] `, { signal })
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    prompt.close()
  }
}

function notFound(id: string): BackupError {
  return new BackupError('not_found', `Backup '${id}' not found`, {
    operation: 'delete',
    metadata: { backupId: id },
  })
}
