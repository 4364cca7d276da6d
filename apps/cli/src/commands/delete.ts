import type { Command } from 'commander'
import type { DeleteCommand } from '../config/command-options.js'
import { length, withPlace } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
Examples:
  s3db-backup delete full-2024-03-15T14-30-45-abc123
  s3db-backup delete full-2024-03-15T14-30-45-abc123 --yes
  s3db-backup delete full-2024-03-15T14-30-45-abc123 --grace 7d`

export function addDelete(program: Command, session: Session): void {
  withPlace(
    program.command('delete').alias('rm').description('delete a backup').argument('<id>', 'the backup'),
  )
    .option('-y, --yes', 'do not ask; needed where there is no terminal')
    .option(
      '--grace <length>',
      'for so long undelete brings it back: 12h, 7d, 2w (default: deletionGrace, or 0)',
      length,
    )
    .option('--force', 'also if other backups need it, which are lost then, or a process uses it')
    .addHelpText('after', examples)
    .action(async (id: string, options: DeleteCommand) =>
      (await import('../actions/delete.js')).deleteBackup(session, id, options),
    )
}
