import { BackupError } from '@s3db-backup/core'
import { openPlugin } from '../access/open-plugin.js'
import type { DeleteCommand } from '../config/command-options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { agreed } from '../terminal/ask.js'
import { bytes, counted, instant } from '../terminal/units.js'

/** `s3db-backup delete <id>`: asks, then removes a backup. Needs no database. */
export async function deleteBackup(session: Session, id: string, options: DeleteCommand): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const plugin = openPlugin(settings)
  const forGood = (options.grace ?? settings.plugin.deletionGrace ?? 0) === 0
  if (options.yes !== true) {
    // A backup that is not there is told before the question. A damaged one is left to the deletion to judge.
    if ((await plugin.getBackupStatus(id)) === null) throw notFound(id)
    const yes = await agreed(session, {
      text: forGood ? `Delete ${id} for good?` : `Delete ${id}?`,
      whetherTo: 'delete the backup',
      suggestion: 'Add --yes to delete it without being asked.',
      operation: 'delete',
    })
    if (!yes) return terminal.note('Nothing was deleted.')
  }
  const removed = await plugin.deleteBackup(id, {
    force: options.force === true,
    deletionGrace: options.grace,
    signal,
  })
  if (terminal.json) terminal.document(removed)
  else if (!terminal.quiet) {
    const { files, bytes: size, purgeAfter } = removed
    const until = purgeAfter === null ? '' : `; undelete brings it back until ${instant(purgeAfter)}`
    terminal.print(
      `${terminal.colors.green('✓')} ${id} deleted (${counted(files, 'file')}, ${bytes(size)})${until}`,
    )
  }
}

function notFound(id: string): BackupError {
  return new BackupError('not_found', `Backup '${id}' not found`, {
    operation: 'delete',
    metadata: { backupId: id },
  })
}
