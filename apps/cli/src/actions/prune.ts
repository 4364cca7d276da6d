import type { PluginCleanup } from '@s3db-backup/plugin-adapter'
import { nothingHere } from '../access/backup-directory.js'
import { openPlugin } from '../access/open-plugin.js'
import type { PruneCommand } from '../config/command-options.js'
import { policyOf } from '../config/retention-policy.js'
import { readSettings, type Settings } from '../config/settings.js'
import type { Session } from '../session.js'
import { table } from '../terminal/layout.js'
import { watchTime } from '../terminal/progress.js'
import type { Terminal } from '../terminal/terminal.js'
import { bytes, counted, instant } from '../terminal/units.js'
import { wrapped } from '../terminal/wrap.js'

/** `s3db-backup prune`: shows which backups a policy gives up and why; removes them with --apply. Needs no database. */
export async function prune({ terminal, signal }: Session, options: PruneCommand): Promise<void> {
  const settings = await readSettings(options, terminal)
  const plugin = openPlugin(withPolicy(settings, options))
  const nothing = await nothingHere(settings)
  const dryRun = options.apply !== true
  const doing = dryRun ? 'Looking' : 'Removing'
  const progress = watchTime(terminal, { doing, mode: 'auto' })
  const report = await plugin
    .cleanupBackups({ dryRun, force: options.force === true, deletionGrace: options.grace, signal })
    .finally(() => progress.stop())
  if (terminal.json) terminal.document(report)
  else if (terminal.quiet) for (const { id } of report.removed) terminal.print(id)
  else printPlan(terminal, report, nothing)
}

function withPolicy(settings: Settings, options: PruneCommand): Settings {
  const plugin = { ...settings.plugin, retention: policyOf(options, settings) }
  // Checked by the plugin, like everything else of a configuration.
  return { ...settings, plugin: plugin as Settings['plugin'] }
}

function printPlan(terminal: Terminal, report: PluginCleanup, nothing: string): void {
  const { colors } = terminal
  const rows = [
    ...report.kept.map(({ id, reasons }) => ({ action: colors.green('keep'), id, size: '', reasons })),
    ...report.removed.map(({ id, reasons, bytes: size }) => ({
      action: colors.red(report.dryRun ? 'remove' : 'removed'),
      id,
      size: bytes(size),
      reasons,
    })),
    ...report.damaged.map(({ id }) => ({
      action: colors.yellow('damaged'),
      id,
      size: '',
      reasons: ['its manifest cannot be read, so nothing is decided about it'],
    })),
  ]
  if (rows.length === 0) terminal.print(nothing)
  else printRows(terminal, rows)
  printSummary(terminal, report)
}

interface Row {
  readonly action: string
  readonly id: string
  readonly size: string
  readonly reasons: readonly string[]
}

const columns = [
  { title: 'Plan' },
  { title: 'Backup ID' },
  { title: 'Size', align: 'right' },
  { title: 'Reason' },
] as const

/** Characters that a reason is kept away from the left, where it stands below its backup. */
const indent = 8

/** The reason stands beside its backup, or below it where the screen is too narrow for that. */
function printRows(terminal: Terminal, rows: readonly Row[]): void {
  const { colors, width, print } = terminal
  const cells = rows.map(({ action, id, size }) => [action, id, size])
  const beside = cells.map((row, index) => [...row, rows[index]?.reasons.join(', ') ?? ''])
  const head = colors.bold
  const whole = table(columns, beside, { width, head })
  if (whole === table(columns, beside, { width: undefined, head })) print(whole)
  else printReasonsBelow(terminal, rows, cells)
}

function printReasonsBelow(
  { colors, width = Number.POSITIVE_INFINITY, print }: Terminal,
  rows: readonly Row[],
  cells: readonly (readonly string[])[],
): void {
  const [titles = '', ...lines] = table(columns.slice(0, 3), cells, { width, head: colors.bold }).split('\n')
  print(titles)
  for (const [index, line] of lines.entries()) {
    print(line)
    for (const part of wrapped(rows[index]?.reasons.join(', ') ?? '', width - indent))
      print(`${' '.repeat(indent)}${colors.dim(part)}`)
  }
}

function printSummary(terminal: Terminal, report: PluginCleanup): void {
  const { dryRun, removed, swept, purged, blocked } = report
  const { green, yellow } = terminal.colors
  const forGood = removed.filter(({ purgeAfter }) => purgeAfter === null).length
  const what = [
    ...(forGood === 0 ? [] : [counted(forGood, 'backup')]),
    ...(purged.length === 0 ? [] : [`${counted(purged.length, 'backup')} deleted before`]),
    ...(swept.length === 0 ? [] : [`${counted(swept.length, 'leftover')} of backups that were abandoned`]),
  ].join(' and ')
  const freed = `${what} (${bytes(report.bytes)})`
  const deleted = whatIsDeleted(report)
  const lines = [
    ...(deleted === undefined ? [] : [deleted]),
    ...(what === '' ? [] : [dryRun ? `--apply would remove ${freed}.` : `Removed ${freed}`]),
  ]
  terminal.print()
  if (lines.length === 0) terminal.print('There is nothing to remove.')
  else if (dryRun) terminal.print(`Dry run: nothing was removed. ${lines.join('\n')}`)
  else for (const line of lines) terminal.print(`${green('✓')} ${line}`)
  if (dryRun && blocked !== null)
    terminal.print(`${yellow('!')} It would refuse, though, without --force: ${blocked}`)
}

/** Backups that stay for their grace time free nothing yet. */
function whatIsDeleted({ dryRun, removed }: PluginCleanup): string | undefined {
  const deleted = removed.filter(({ purgeAfter }) => purgeAfter !== null)
  const [until] = deleted.flatMap(({ purgeAfter }) => purgeAfter ?? [])
  if (until === undefined) return undefined
  const size = bytes(deleted.reduce((sum, backup) => sum + backup.bytes, 0))
  const what = `${counted(deleted.length, 'backup')} (${size}, still taken${dryRun ? ' then' : ''})`
  const them = deleted.length === 1 ? 'it' : 'them'
  const done = dryRun
    ? `--apply would delete ${what}. undelete would bring`
    : `Deleted ${what}. undelete brings`
  return `${done} ${them} back until ${instant(until)}; after that prune --apply or purge frees the space.`
}
