import type { DeletedBackup, KeptDrill, ListedBackup, UnfinishedBackup } from '@s3db-backup/plugin-adapter'
import { type Command, Option } from 'commander'
import { checkDirectory, noBackups } from '../access/backup-directory.js'
import { mayNotBeRead } from '../access/may-not-be-read.js'
import { hearWarnings, openPlugin } from '../access/open-plugin.js'
import { listTime } from '../config/list-time.js'
import { keyValue, type PlaceOptions, wholeNumber, withPlace } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import { exitCodes } from '../exit-codes.js'
import type { Session } from '../session.js'
import { asTree, grouped, isWanted } from '../terminal/arrange-backups.js'
import { printBackups, warnOfBroken } from '../terminal/backups.js'
import { table } from '../terminal/layout.js'
import { atPlace } from '../terminal/shell-words.js'
import type { Terminal } from '../terminal/terminal.js'
import { bytes, instant } from '../terminal/units.js'
import { inOneLine } from '../terminal/visible.js'
import { listResources } from './records/list-resources.js'

interface ListOptions extends PlaceOptions {
  readonly deleted?: boolean
  readonly all?: boolean
  readonly tree?: boolean
  readonly groupBy?: string
  readonly tag?: Readonly<Record<string, string>>
  readonly resource?: string
  readonly limit?: number
  readonly prefix?: string
  readonly since?: string | undefined
  readonly until?: string
}

const examples = `
Examples:
  s3db-backup list
  s3db-backup list --path ./backups --limit 5 --since 2024-03-01
  s3db-backup list --since "26 hours ago"
  s3db-backup list --all
  s3db-backup list --tree --tag host=app-1 --resource users
  s3db-backup list --deleted
  s3db-backup list --json | jq -r '.backups[0].id'`

export function listCommand(command: Command, session: Session): void {
  withPlace(command.argument('[id]', 'list the resources of this backup instead'))
    .option('--limit <n>', 'show at most n', wholeNumber)
    .option('--prefix <text>', 'only ids starting with this')
    .option('--since <time>', 'only since this day or time (UTC), or "26 hours ago"', listTime)
    .option('--until <time>', 'only until this day or time (UTC), or "7 days ago"', listTime)
    .addOption(new Option('--all', 'also failed, running and abandoned backups').conflicts('deleted'))
    .addOption(
      new Option('--tree', 'each incremental backup below the one it builds on').conflicts('groupBy'),
    )
    .option('--group-by <what>', 'group by type, day, month, or a --metadata key')
    .option('--tag <key=value>', 'only those with this --metadata note; may be repeated', keyValue)
    .option('--resource <name>', 'only those that contain this resource')
    .option('--deleted', 'list the deleted backups that undelete can bring back')
    .addHelpText('after', examples)
    .action((id: string | undefined, options: ListOptions) =>
      id === undefined ? list(session, options) : listResources(session, id, options),
    )
}

/** `s3db-backup list`: what is at the destination. Needs no database. */
export async function list(session: Session, options: ListOptions): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const { limit, prefix, since, until } = options
  const plugin = openPlugin(settings)
  hearWarnings(plugin, terminal)
  await checkDirectory(settings)
  if (options.deleted === true) {
    printDeleted(terminal, await plugin.deleted.list({ signal }))
    return
  }
  const chosen = options.tag !== undefined || options.resource !== undefined
  const { backups: listed, unfinished } = await plugin.overview({
    signal,
    // With a filter the limit applies to the matching backups, below.
    limit: chosen ? undefined : limit,
    prefix,
    startDate: since,
    endDate: until,
  })
  const wanted = listed.filter((backup) => isWanted(backup, options))
  // Beyond the limit are only backups that may not be read.
  const backups = chosen ? wanted.slice(0, limit) : wanted
  sayDenied(session, listed, backups)
  if (terminal.json || terminal.quiet) warnOfBroken(terminal, backups)
  if (terminal.json) terminal.document(options.all === true ? { backups, unfinished } : { backups })
  else if (terminal.quiet)
    for (const { id } of options.all === true ? [...backups, ...unfinished] : backups) terminal.print(id)
  else {
    printArranged(terminal, backups, options, chosen ? 'No backup matches.' : noBackups)
    printUnfinished(terminal, unfinished, options.all === true)
    const [drill] = await plugin.drills.list({ signal })
    if (drill !== undefined) terminal.print(lastDrill(terminal, drill))
  }
}

/** Manifests that may not be read: the list may lack anything of theirs, so it ends with the code for that. */
function sayDenied(session: Session, listed: readonly ListedBackup[], shown: readonly ListedBackup[]): void {
  const { terminal } = session
  for (const backup of listed.filter(mayNotBeRead)) {
    session.exitCode = exitCodes.permission_denied
    const isSeen = !terminal.quiet && shown.includes(backup)
    if (!isSeen) terminal.complain(`${terminal.errorColors.red('✗')} ${inOneLine(backup.error.message)}`)
  }
}

function printArranged(
  terminal: Terminal,
  backups: readonly ListedBackup[],
  { tree, groupBy }: ListOptions,
  nothing: string,
): void {
  if (groupBy === undefined || backups.length === 0) {
    printBackups(terminal, tree === true ? asTree(backups) : backups, nothing)
    return
  }
  for (const [index, group] of grouped(backups, groupBy).entries()) {
    if (index > 0) terminal.print()
    terminal.print(terminal.colors.bold(inOneLine(group.name)))
    printBackups(terminal, group.backups, nothing)
  }
}

const states = { 'in-progress': 'in progress', incomplete: 'abandoned', failed: 'failed' } as const

/** With `--all` one by one, otherwise only how many: an attempt without a backup must not go unseen. */
function printUnfinished(
  { colors, width, print, place }: Terminal,
  unfinished: readonly UnfinishedBackup[],
  all: boolean,
): void {
  if (unfinished.length === 0) return
  if (!all) {
    const counts = Object.entries(states).flatMap(([status, word]) => {
      const count = unfinished.filter((one) => one.status === status).length
      return count === 0 ? [] : [`${count} ${word}`]
    })
    const advice = atPlace("'s3db-backup list --all' shows them.", place)
    print(colors.yellow(`Unfinished: ${counts.join(', ')}. ${advice}`))
    return
  }
  const rows = unfinished.map(({ id, status, size, timestamp }) => [
    id,
    (status === 'in-progress' ? colors.yellow : colors.red)(states[status]),
    bytes(size),
    timestamp === null ? '' : instant(timestamp),
  ])
  const columns = [
    { title: 'Unfinished' },
    { title: 'Status' },
    { title: 'Size', align: 'right' },
    { title: 'Started' },
  ] as const
  print()
  print(table(columns, rows, { width, head: colors.bold }))
}

const deletedColumns = [
  { title: 'Backup ID' },
  { title: 'Size', align: 'right' },
  { title: 'Deleted' },
  { title: 'Kept until' },
] as const

function printDeleted(terminal: Terminal, backups: readonly DeletedBackup[]): void {
  const { colors, width, print } = terminal
  if (terminal.json) {
    terminal.document({ backups })
    return
  }
  if (terminal.quiet) {
    for (const { id } of backups) print(id)
    return
  }
  if (backups.length === 0) {
    print('There are no deleted backups.')
    return
  }
  const rows = backups.map(({ id, size, deletedAt, purgeAfter, complete }) => [
    id,
    bytes(size),
    instant(deletedAt),
    complete ? instant(purgeAfter) : colors.red('partly removed'),
  ])
  print(table(deletedColumns, rows, { width, head: colors.bold }))
}

function lastDrill({ colors }: Terminal, { startedAt, ok }: KeptDrill): string {
  return `Last drill: ${ok ? colors.green('passed') : colors.red('FAILED')}, ${instant(startedAt)}`
}
