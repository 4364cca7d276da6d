import type { PluginCleanup } from '@s3db-backup/plugin-adapter'
import { fits, table } from '../layout.js'
import type { Terminal } from '../terminal.js'
import { bytes, counted, instant } from '../units.js'
import { printSentence, wrapped } from '../wrapped.js'

export function printPlan(terminal: Terminal, report: PluginCleanup, nothing: string): void {
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
      reasons: ['its manifest cannot be read, so no rule applies to it'],
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
  const ids = table(columns.slice(0, 2), cells, { width: undefined, head: colors.bold })
  if (!fits(ids, width)) {
    // A truncated id is useless, so each id has its own line.
    for (const { action, id, reasons } of rows) {
      print(id)
      for (const part of wrapped(`${action}: ${reasons.join(', ')}`, width - 2)) print(`  ${part}`)
    }
    return
  }
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
    ...(swept.length === 0 ? [] : [`${counted(swept.length, 'leftover')} of abandoned backups`]),
  ].join(' and ')
  const freed = `${what} (${bytes(report.bytes)})`
  const deleted = whatIsDeleted(report)
  const lines = [
    ...(deleted === undefined ? [] : [deleted]),
    ...(what === '' ? [] : [dryRun ? `--apply would remove ${freed}.` : `Removed ${freed}`]),
  ]
  terminal.print()
  if (lines.length === 0) terminal.print('Nothing to remove.')
  else
    for (const [index, line] of lines.entries()) {
      const start = dryRun ? (index === 0 ? 'Dry run: nothing was removed. ' : '') : `${green('✓')} `
      printSentence(terminal, `${start}${line}`)
    }
  if (dryRun && blocked !== null)
    printSentence(
      terminal,
      `${yellow('!')} --apply would refuse: ${blocked}. If that is intended, add --force.`,
    )
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
