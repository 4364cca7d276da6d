import { BackupError } from '@s3db-backup/core'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { checkDirectory, noBackups } from '../access/backup-directory.js'
import { openPlugin } from '../access/open-plugin.js'
import { length, namesIfAny, wholeNumber, withPlace } from '../config/options.js'
import { type PruneOptions, policyOf } from '../config/retention-policy.js'
import { readSettings, type Settings } from '../config/settings.js'
import { exitCodes } from '../exit-codes.js'
import type { Session } from '../session.js'
import { watchTime } from '../terminal/progress.js'
import { printPlan } from '../terminal/summaries/prune-summary.js'

const examples = `
A backup that any rule keeps stays, with every backup it needs. Rules given here
replace those of the configuration file; its pins still count. <n> may be "all".

Examples:
  s3db-backup prune --daily 7 --weekly 4 --monthly 12
  s3db-backup prune --keep-last 3 --within 30d --timezone Europe/Berlin --apply`

export function pruneCommand(command: Command, session: Session): void {
  withPlace(command)
    .option('--apply', 'delete them; without it nothing is deleted')
    .option(
      '--grace <length>',
      'how long undelete can bring them back: 12h, 7d, 2w (default: deletionGrace, or 0)',
      length,
    )
    .option('--force', 'delete even more at once than the safety limit allows')
    .option('--keep-last <n>', 'keep the newest', limit)
  for (const period of ['hour', 'day', 'week', 'month', 'quarter', 'year'])
    command.option(
      `--${flags[period] ?? period} <n>`,
      `keep the newest of each of the latest ${period}s`,
      limit,
    )
  for (const [name, { parse }] of Object.entries(otherNames)) {
    const option = new Option(`--${name} <n>`, 'the name that restic has for it').hideHelp()
    command.addOption(parse ? option.argParser(limit) : option)
  }
  command
    .option('--within <length>', 'keep backups younger than this: 12h, 30d, 2w, 6m (months), 1y6m')
    .option('--min-keep <n>', 'keep at least n (default: 1)', wholeNumber)
    .option('--timezone <zone>', 'the time zone of days and weeks (default: UTC)')
    .option('--pin <ids>', 'keep these backups, always', namesIfAny)
    .addHelpText('after', examples)
    .action((options: PruneOptions & OtherNames) => prune(session, inOurNames(options)))
}

/** `s3db-backup prune`: shows which backups a policy deletes and why; deletes them with --apply. Needs no database. */
export async function prune(session: Session, options: PruneOptions): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const plugin = openPlugin(withPolicy(settings, options))
  await checkDirectory(settings)
  const dryRun = options.apply !== true
  const doing = dryRun ? 'Looking' : 'Removing'
  const progress = watchTime(terminal, { doing, mode: 'auto' })
  const report = await plugin
    .cleanupBackups({ dryRun, force: options.force === true, deletionGrace: options.grace, signal })
    .finally(() => progress.stop())
  // A dry run exits with the code of the real one.
  if (report.blocked !== null) session.exitCode = exitCodes.conflict
  if (terminal.json) terminal.document(report)
  else if (terminal.quiet) for (const { id } of report.removed) terminal.print(id)
  else printPlan(terminal, report, noBackups)
}

function withPolicy(settings: Settings, options: PruneOptions): Settings {
  const plugin = { ...settings.plugin, retention: policyOf(options, settings) }
  // The plugin checks it, like the rest of a configuration.
  return { ...settings, plugin: plugin as Settings['plugin'] }
}

/** What restic calls the same rules. */
const otherNames = {
  'keep-hourly': { ours: 'hourly', typed: 'keepHourly', parse: true },
  'keep-daily': { ours: 'daily', typed: 'keepDaily', parse: true },
  'keep-weekly': { ours: 'weekly', typed: 'keepWeekly', parse: true },
  'keep-monthly': { ours: 'monthly', typed: 'keepMonthly', parse: true },
  'keep-quarterly': { ours: 'quarterly', typed: 'keepQuarterly', parse: true },
  'keep-yearly': { ours: 'yearly', typed: 'keepYearly', parse: true },
  'keep-within': { ours: 'within', typed: 'keepWithin', parse: false },
} as const

type Names = (typeof otherNames)[keyof typeof otherNames]
type OtherNames = { readonly [N in Names as N['typed']]?: PruneOptions[N['ours']] }

function inOurNames(options: PruneOptions & OtherNames): PruneOptions {
  const renamed = Object.entries(otherNames).flatMap(([name, { ours, typed }]) => {
    const value = options[typed]
    if (value === undefined) return []
    if (options[ours] !== undefined)
      throw new BackupError('invalid_options', `--${name} and --${ours} are two names of one rule`, {
        operation: 'cleanup',
      })
    return [[ours, value]]
  })
  return { ...options, ...Object.fromEntries(renamed) }
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
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number, or all.')
  return Number(text)
}
