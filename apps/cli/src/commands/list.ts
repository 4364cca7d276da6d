import type { Command } from 'commander'
import type { ListCommand } from '../config/command-options.js'
import { wholeNumber, withPlace } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
Examples:
  s3db-backup list
  s3db-backup list --path ./backups --limit 5 --since 2024-03-01
  s3db-backup list --deleted
  s3db-backup list --json | jq -r '.backups[0].id'`

export function addList(program: Command, session: Session): void {
  withPlace(program.command('list').alias('ls').description('list the backups, newest first'))
    .option('--limit <n>', 'at most so many', wholeNumber)
    .option('--prefix <text>', 'only ids that begin so')
    .option('--since <date>', 'only from this day or time on, UTC')
    .option('--until <date>', 'only up to this day or time, UTC')
    .option('--deleted', 'instead, the deleted ones that undelete can bring back')
    .addHelpText('after', examples)
    .action(async (options: ListCommand) => (await import('../actions/list.js')).list(session, options))
}
