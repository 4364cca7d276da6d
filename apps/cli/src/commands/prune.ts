import { type Command, InvalidArgumentError } from 'commander'
import type { PruneCommand } from '../config/command-options.js'
import { length, names, wholeNumber, withPlace } from '../config/options.js'
import type { Session } from '../session.js'

const examples = `
What any rule keeps stays, with all that it needs. Rules given here take the
place of those of the configuration file; its pins count, too. <n> may be "all".

Examples:
  s3db-backup prune --daily 7 --weekly 4 --monthly 12
  s3db-backup prune --keep-last 3 --within 30d --timezone Europe/Berlin --apply`

export function addPrune(program: Command, session: Session): void {
  const command = program
    .command('prune')
    .description('show which backups a retention policy gives up, and remove them')
  withPlace(command)
    .option('--apply', 'remove them; without it nothing is removed')
    .option(
      '--grace <length>',
      'for so long undelete brings them back: 12h, 7d, 2w (default: deletionGrace, or 0)',
      length,
    )
    .option('--force', 'even if the policy would remove unusually many at once')
    .option('--keep-last <n>', 'keep the newest', limit)
  for (const period of ['hour', 'day', 'week', 'month', 'quarter', 'year'])
    command.option(
      `--${flags[period] ?? period} <n>`,
      `keep the newest of each of the latest ${period}s`,
      limit,
    )
  command
    .option('--within <length>', 'keep what is younger: 12h, 30d, 2w, 6m (months), 1y6m')
    .option('--min-keep <n>', 'keep at least so many (default: 1)', wholeNumber)
    .option('--timezone <zone>', 'whose days and weeks count (default: UTC)')
    .option('--pin <ids>', 'keep these backups, always', names)
    .addHelpText('after', examples)
    .action(async (options: PruneCommand) => (await import('../actions/prune.js')).prune(session, options))
}

const flags: Readonly<Record<string, string>> = {
  hour: 'hourly',
  day: 'daily',
  week: 'weekly',
  month: 'monthly',
  quarter: 'quarterly',
  year: 'yearly',
}

function limit(text: string): number | 'all' {
  if (text === 'all') return text
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is a whole number, or all.')
  return Number(text)
}
