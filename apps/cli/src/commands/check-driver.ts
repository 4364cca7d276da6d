import { BackupError } from '@s3db-backup/core'
import { nearest } from '@s3db-backup/core/internal'
import {
  type CaseResult,
  contractCases,
  type DriverReport,
  checkDriver as runCases,
} from '@s3db-backup/driver-testkit'
import { openDriver } from '@s3db-backup/plugin'
import type { Command } from 'commander'
import { names, type PlaceOptions, type ProgressMode, withPlace, withProgress } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { table } from '../terminal/layout.js'
import { watchCases } from '../terminal/progress.js'
import type { Terminal } from '../terminal/terminal.js'
import { counted, duration } from '../terminal/units.js'

interface CheckDriverOptions extends PlaceOptions {
  readonly only?: string[] | undefined
  readonly progress: ProgressMode
}

const examples = `
Examples:
  s3db-backup check-driver s3db-backup-driver-ftp --config ftp.json
  s3db-backup check-driver ./my-driver.mjs --path /mnt/backups
  s3db-backup check-driver s3db-backup.config.json --json

It works below a prefix of its own, driver-testkit-..., and removes what it
stored: about 50 MB in about 1,300 objects. Exits with 1 if a case failed or
something stayed behind.`

export function checkDriverCommand(command: Command, session: Session): void {
  command.argument('[driver]', 'a package, a module, a name, or a configuration file (*.json, *.config.mjs)')
  withProgress(withPlace(command))
    .option('--only <ids>', 'only these cases, by id', names)
    .addHelpText('after', examples)
    .action((driver: string | undefined, options: CheckDriverOptions) =>
      checkDriver(session, driver, options),
    )
}

/** `s3db-backup check-driver [driver]`: runs the driver contract against a storage. Needs no database. */
export async function checkDriver(
  session: Session,
  given: string | undefined,
  options: CheckDriverOptions,
): Promise<void> {
  const { terminal, signal } = session
  const { only } = options
  checkIds(only)
  const settings = await readSettings({ ...options, ...(given === undefined ? {} : meant(given)) }, terminal)
  const driver = openDriver(settings.plugin)
  const progress = watchCases(terminal, {
    total: only?.length ?? contractCases.length,
    mode: options.progress,
  })
  try {
    const report = await runCases(driver, {
      signal,
      onCase: progress.add,
      ...(only === undefined ? {} : { only }),
    })
    progress.stop()
    if (report.failed > 0 || report.leftovers.length > 0) session.exitCode = 1
    if (terminal.json) terminal.document({ ...report, cases: report.cases.map(withoutError) })
    else printReport(terminal, report)
  } finally {
    progress.stop()
    await driver.close?.()
  }
}

/** Its reason says it; what an assertion compared can be megabytes. */
function withoutError({ error: _, ...result }: CaseResult): Omit<CaseResult, 'error'> {
  return result
}

/** The name distinguishes a configuration file from a driver's module. */
function meant(given: string): { readonly config: string } | { readonly driver: string } {
  return /\.json$|\.config\.m?js$/.test(given) ? { config: given } : { driver: given }
}

function checkIds(only: readonly string[] = []): void {
  const ids = contractCases.map(({ id }) => id)
  const unknown = only.filter((id) => !ids.includes(id))
  if (unknown.length === 0) return
  const problems = unknown.map((id) => `${id}${nearest(id, ids)}`)
  throw new BackupError('invalid_options', `Unknown case: ${problems.join(', ')}`, {
    operation: 'validateConfig',
    suggestion: 'The report and docs/driver-contract.md list the ids of all cases.',
  })
}

function printReport(terminal: Terminal, report: DriverReport): void {
  const { colors, width } = terminal
  const shown = terminal.quiet ? report.cases.filter(({ status }) => status === 'failed') : report.cases
  if (shown.length > 0) {
    const columns = [
      { title: '' },
      { title: 'Case' },
      { title: 'Time', align: 'right' as const },
      { title: 'Contract' },
    ]
    const rows = shown.map((each) => [sign(each, terminal), each.id, duration(each.duration), each.title])
    terminal.print(table(columns, rows, { width, head: colors.bold }))
  }
  for (const { id, status, title, reason = '' } of shown) {
    if (status !== 'failed') continue
    terminal.print()
    terminal.print(`${colors.red('✗')} ${id}: ${title}`)
    for (const line of reason.split('\n')) terminal.print(`    ${line}`)
  }
  for (const key of report.leftovers)
    terminal.complain(`${terminal.errorColors.red('✗')} Left behind: ${key}`)
  if (!terminal.quiet) terminal.print(summary(terminal, report))
}

function summary({ colors }: Terminal, { driver, passed, failed, skipped }: DriverReport): string {
  const verdict =
    failed === 0 ? `${colors.green('✓')} ${driver} keeps` : `${colors.red('✗')} ${driver} breaks`
  return `\n${verdict} the contract: ${counted(passed, 'case')} passed, ${failed} failed, ${skipped} skipped`
}

function sign({ status }: CaseResult, { colors }: Terminal): string {
  if (status === 'skipped') return colors.dim('-')
  return status === 'passed' ? colors.green('✓') : colors.red('✗')
}
