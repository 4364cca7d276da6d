import type { PluginCleanup } from '@s3db-backup/plugin-adapter'
import type { PruneCommand } from '../command-options.js'
import { openPlugin } from '../open-plugin.js'
import { watchTime } from '../progress.js'
import { policyOf } from '../retention-policy.js'
import type { Session } from '../session.js'
import { readSettings, type Settings } from '../settings.js'
import { table } from '../table.js'
import type { Terminal } from '../terminal.js'
import { bytes, counted } from '../units.js'
import { wrapped } from '../wrap.js'

/** `s3db-backup prune`: shows which backups a policy gives up and why; removes them with --apply. Needs no database. */
export async function prune({ terminal, signal }: Session, options: PruneCommand): Promise<void> {
  const settings = await readSettings(options, terminal)
  const plugin = openPlugin(withPolicy(settings, options))
  const dryRun = options.apply !== true
  const doing = dryRun ? 'Looking' : 'Removing'
  const progress = watchTime(terminal, { doing, mode: 'auto' })
  const report = await plugin
    .cleanupBackups({ dryRun, force: options.force === true, signal })
    .finally(() => progress.stop())
  if (terminal.json) terminal.document(report)
  else if (terminal.quiet) for (const { id } of report.removed) terminal.print(id)
  else printPlan(terminal, report)
}

function withPolicy(settings: Settings, options: PruneCommand): Settings {
  const plugin = { ...settings.plugin, retention: policyOf(options, settings) }
  // Checked by the plugin, like everything else of a configuration.
  return { ...settings, plugin: plugin as Settings['plugin'] }
}

function printPlan(terminal: Terminal, report: PluginCleanup): void {
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
  if (rows.length === 0) terminal.print('There are no backups here.')
  else printRows(terminal, rows)
  printSummary(terminal, report)
}

interface Row {
  readonly action: string
  readonly id: string
  readonly size: string
  readonly reasons: readonly string[]
}

/** Fewer columns than this are too few for a reason. */
const narrowest = 20

function printRows({ colors, width, print }: Terminal, rows: readonly Row[]): void {
  const longest = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length))
  const taken =
    longest(rows.map(({ id }) => id)) + longest(rows.map(({ size }) => size)) + 'removed'.length + 6
  const room = Math.max(narrowest, (width ?? Number.POSITIVE_INFINITY) - taken)
  const columns = [
    { title: 'Plan' },
    { title: 'Backup ID' },
    { title: 'Size', align: 'right' },
    { title: 'Reason' },
  ] as const
  const cells = rows.map(({ action, id, size, reasons }) => [
    action,
    id,
    size,
    wrapped(reasons.join(', '), room).join('\n'),
  ])
  print(table(columns, cells, { width: undefined, head: colors.bold }))
}

function printSummary(terminal: Terminal, report: PluginCleanup): void {
  const { dryRun, removed, swept, blocked } = report
  const what = [
    counted(removed.length, 'backup'),
    ...(swept.length === 0 ? [] : [`${counted(swept.length, 'leftover')} of backups that were abandoned`]),
  ].join(' and ')
  terminal.print()
  if (removed.length + swept.length === 0) terminal.print('There is nothing to remove.')
  else if (dryRun)
    terminal.print(`Dry run: nothing was removed. --apply would remove ${what} (${bytes(report.bytes)}).`)
  else terminal.print(`${terminal.colors.green('✓')} Removed ${what} (${bytes(report.bytes)})`)
  if (dryRun && blocked !== null)
    terminal.print(`${terminal.colors.yellow('!')} It would refuse, though, without --force: ${blocked}`)
}
