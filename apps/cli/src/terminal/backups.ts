import type { BackupError } from '@s3db-backup/core'
import type { ListedBackup, PluginBackup, UnreadBackup } from '@s3db-backup/plugin-adapter'
import { internalName } from './internal-name.js'
import { type Column, fits, table } from './layout.js'
import { atPlace } from './shell-words.js'
import { noteNear } from './summaries/near.js'
import type { Colors, Terminal } from './terminal.js'
import { age, bytes, count, counted, duration, instant } from './units.js'
import { inOneLine } from './visible.js'
import { wrapped } from './wrapped.js'

/** A backup that was made, opened or not. */
type Finished = PluginBackup | UnreadBackup

/** `Label:  value` lines below a heading, values one under the other. */
export function printDetails(
  terminal: Terminal,
  heading: string,
  lines: readonly (readonly [label: string, value: string])[],
): void {
  const width = Math.max(...lines.map(([label]) => label.length)) + 1
  terminal.print(terminal.colors.bold(`${heading}:`))
  for (const [label, value] of lines) {
    const line = `  ${`${label}:`.padEnd(width)} ${inOneLine(value)}`
    if (terminal.width === undefined || fits(line, terminal.width)) terminal.print(line)
    else {
      // An id that wraps on the screen is hard to read and to copy.
      terminal.print(`  ${label}:`)
      for (const part of wrapped(inOneLine(value), terminal.width - 4)) terminal.print(`    ${part}`)
    }
  }
}

/** What there is to say of a backup in a few lines. */
export function backupDetails(backup: Finished, { colors }: Terminal): [label: string, value: string][] {
  const notes = Object.entries(backup.metadata ?? {}).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return [
    ['Backup ID', backup.id],
    ['Type', backup.type],
    ['Status', status(backup, colors)],
    ['Created', instant(backup.timestamp)],
    ...(backup.asOf === undefined ? [] : ([['As of', instant(backup.asOf)]] as [string, string][])),
    ...(backup.parent === null ? [] : ([['Parent', backup.parent]] as [string, string][])),
    ...(backup.encrypted ? ([['Encrypted', 'yes']] as [string, string][]) : []),
    ...contents(backup),
    ['Duration', duration(backup.duration)],
    ...(notes.length === 0 ? [] : ([['Metadata', notes.join(', ')]] as [string, string][])),
    ['Path', backup.path],
    ...(backup.copies ?? []).map(({ path, complete }): [string, string] => [
      'Also at',
      complete ? path : `${path} (files are missing there)`,
    ]),
  ]
}

function contents(backup: Finished): [label: string, value: string][] {
  if (!isReadable(backup))
    return [
      ['Resources', '(encrypted; give the key to see them)'],
      ['Size', bytes(backup.compressed)],
    ]
  return [
    ['Resources', backup.resources.length === 0 ? 'none' : backup.resources.join(', ')],
    ['Records', count(backup.records)],
    ...objectsOf(backup),
    ['Size', `${bytes(backup.compressed)} (${bytes(backup.size)} before compression)`],
  ]
}

function objectsOf({ internal }: PluginBackup): [label: string, value: string][] {
  const found = Object.entries(internal).map(([name, objects]) => `${count(objects)} ${internalName(name)}`)
  return found.length === 0 ? [] : [['Other objects', found.join(', ')]]
}

/** The columns of a list of backups; the last ones are left out on a narrow screen. */
export const backupColumns: readonly Column[] = [
  { title: 'Backup ID' },
  { title: 'Type' },
  { title: 'Status' },
  { title: 'Resources', align: 'right' },
  { title: 'Records', align: 'right' },
  { title: 'Size', align: 'right' },
  { title: 'Created' },
]

export function backupRow(backup: ListedBackup, colors: Colors): string[] {
  if (backup.status === 'damaged') return [backup.id, '', status(backup, colors)]
  const { id, type, compressed, timestamp } = backup
  const known = isReadable(backup) ? [String(backup.resources.length), count(backup.records)] : ['?', '?']
  const cells = [...known, bytes(compressed), instant(timestamp)]
  return [id, type, status(backup, colors), ...cells]
}

/** The same on a screen that is too narrow for them all: the state in one letter, the age instead of the time. */
const narrowColumns: readonly Column[] = [
  { title: 'Backup ID' },
  { title: '' },
  { title: 'Type' },
  { title: 'Age', align: 'right' },
  { title: 'Records', align: 'right' },
  { title: 'Size', align: 'right' },
]

function narrowRow(backup: ListedBackup, colors: Colors, now: number): string[] {
  // With colours, escape sequences precede the sign.
  const [sign = ''] = /[✓!✗]/.exec(status(backup, colors)) ?? []
  const { green, yellow, red } = colors
  const drawn = (sign === '✓' ? green : sign === '!' ? yellow : red)(sign)
  if (backup.status === 'damaged') return [backup.id, drawn]
  const records = isReadable(backup) ? count(backup.records) : '?'
  return [backup.id, drawn, backup.type, age(backup.timestamp, now), records, bytes(backup.compressed)]
}

/** The narrow table; where that has no room for the age, each backup has two lines, so that none hides its state. */
function narrowList(backups: readonly ListedBackup[], colors: Colors, width: number): string {
  const now = Date.now()
  const rows = backups.map((backup) => narrowRow(backup, colors, now))
  const throughAge = table(
    narrowColumns.slice(0, 4),
    rows.map((row) => row.slice(0, 4)),
    { width: undefined, head: colors.bold },
  )
  if (fits(throughAge, width)) return table(narrowColumns, rows, { width, head: colors.bold })
  return backups
    .map((backup) => `${inOneLine(backup.id)}\n${secondLine(backup, colors, now, width)}`)
    .join('\n')
}

function secondLine(backup: ListedBackup, colors: Colors, now: number, width: number): string {
  const facts = [status(backup, colors)]
  if (backup.status !== 'damaged') {
    facts.push(age(backup.timestamp, now))
    facts.push(isReadable(backup) ? counted(backup.records, 'record') : '? records')
    facts.push(bytes(backup.compressed))
  }
  const indent = ' '.repeat(backup.id.search(/[^ ]/) + 2)
  const lines: string[] = []
  for (const fact of facts) {
    const line = lines.at(-1)
    const longer = `${line}, ${fact}`
    if (line === undefined || !fits(longer, width)) lines.push(`${indent}${fact}`)
    else lines[lines.length - 1] = longer
  }
  return lines.join('\n')
}

/** Without the key an encrypted backup shows neither its resources nor its records. */
export function isReadable(backup: Finished): backup is PluginBackup {
  return backup.unread === undefined
}

type WithStatus = Pick<ListedBackup | Finished, 'status'> &
  Pick<PluginBackup, 'datedAhead' | 'lacks'> & { readonly error?: Pick<BackupError, 'code'> | null }

/** A backup that is dated ahead of the storage's clock says so: it is the newest of nothing. */
export function status({ status, datedAhead, lacks, error }: WithStatus, colors: Colors): string {
  if (lacks !== undefined) return colors.red('✗ broken chain')
  if (datedAhead === true)
    return colors.yellow(status === 'incomplete' ? '! incomplete, dated ahead' : '! dated ahead')
  if (status === 'completed') return colors.green('✓ completed')
  if (status === 'incomplete') return colors.yellow('! incomplete')
  return colors.red(error?.code === 'permission_denied' ? '✗ not readable' : '✗ damaged')
}

/** The backups as a table, with what is wrong with the damaged ones below it, or what to say of none. */
export function printBackups(terminal: Terminal, backups: readonly ListedBackup[], nothing: string): void {
  if (backups.length === 0) {
    terminal.print(nothing)
    return
  }
  const { colors, width } = terminal
  const rows = backups.map((backup) => backupRow(backup, colors))
  const wide = table(backupColumns, rows, { width: undefined, head: colors.bold })
  terminal.print(width === undefined || fits(wide, width) ? wide : narrowList(backups, colors, width))
  for (const backup of backups)
    if (backup.status === 'damaged') terminal.print(`${colors.red('✗')} ${inOneLine(backup.error.message)}`)
  if (backups.some((backup) => backup.status !== 'damaged' && !isReadable(backup)))
    terminal.print(atPlace(howToRead(backups), terminal.place))
  warnOfBroken(terminal, backups)
  for (const backup of backups)
    if (backup.status !== 'damaged')
      for (const { path, complete } of backup.copies ?? [])
        terminal.warn(copied(bare(backup.id), path, complete))
}

/** An id without what draws it below its parent. */
function bare(id: string): string {
  return id.replace(/^ *└/, '')
}

/** The text about a backup that also exists at another place. */
export function copied(
  id: string,
  place: string,
  complete: boolean,
): { message: string; suggestion: string } {
  return {
    message: `'${id}' is also at ${place}, ${complete ? 'complete' : 'with files missing'}`,
    suggestion:
      'The backup is not deleted while there are several copies. Remove one of the directories by hand.',
  }
}

function howToRead(backups: readonly ListedBackup[]): string {
  const [first] = backups.filter((backup) => backup.status !== 'damaged' && !isReadable(backup))
  return `? is encrypted. With the key: 's3db-backup show ${first?.id.replace(/^ *└/, '') ?? ''}'`
}

/** Says which backups cannot be restored because an ancestor is missing. */
export function warnOfBroken(terminal: Terminal, backups: readonly ListedBackup[]): void {
  for (const backup of backups)
    if (backup.status !== 'damaged' && backup.lacks !== undefined)
      terminal.warn({
        message: `'${bare(backup.id)}' cannot be restored: it needs '${backup.lacks}', which is missing`,
        suggestion: 'Make a full backup.',
      })
}

/** Says what a new backup holds. */
export function printBackup(terminal: Terminal, made: Finished): void {
  for (const warning of made.warnings ?? []) terminal.warn(warning)
  if (made.fullInstead === true)
    terminal.note(
      `${terminal.errorColors.yellow('!')} There was no backup to build on, so this is a full one.`,
    )
  if (terminal.json) terminal.document(made)
  else if (terminal.quiet) terminal.print(made.id)
  else {
    printSummary(terminal, made)
    noteNear(terminal, made.near)
  }
}

function printSummary(terminal: Terminal, made: Finished): void {
  terminal.print(`${terminal.colors.green('✓')} ${made.type} backup created successfully`)
  terminal.print()
  printDetails(terminal, 'Backup Summary', backupDetails(made, terminal))
}
