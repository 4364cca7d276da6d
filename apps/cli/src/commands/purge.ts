import type { Command } from 'commander'
import type { PurgeCommand } from '../config/command-options.js'
import { withPlace } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
prune --apply, and the cleanup after each backup, do it, too. To free the space
of one at once, delete it again with --grace 0s.

Examples:
  s3db-backup purge --dry-run
  s3db-backup purge`

export function addPurge(program: Command, session: Session): void {
  withPlace(
    program.command('purge').description('remove for good what was deleted and whose grace time has passed'),
  )
    .option('--dry-run', 'only say what would be removed')
    .addHelpText('after', examples)
    .action(async (options: PurgeCommand) => (await import('../actions/purge.js')).purge(session, options))
}
