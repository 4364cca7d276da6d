import type { DeletedBackup, KeptDrill } from '@s3db-backup/plugin-adapter'
import type { Command } from 'commander'
import { nothingHere } from '../access/backup-directory.js'
import { hearWarnings, openPlugin } from '../access/open-plugin.js'
import { type PlaceOptions, wholeNumber, withPlace } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { printBackups } from '../terminal/backups.js'
import { table } from '../terminal/layout.js'
import type { Terminal } from '../terminal/terminal.js'
import { bytes, instant } from '../terminal/units.js'

interface ListOptions extends PlaceOptions {
  readonly deleted?: boolean
  readonly limit?: number
  readonly prefix?: string
  readonly since?: string | undefined
  readonly until?: string
}

const examples = `
Examples:
  s3db-backup list
  s3db-backup list --path ./backups --limit 5 --since 2024-03-01
  s3db-backup list --deleted
  s3db-backup list --json | jq -r '.backups[0].id'`

export function listCommand(command: Command, session: Session): void {
  withPlace(command)
    .option('--limit <n>', 'show at most n', wholeNumber)
    .option('--prefix <text>', 'only ids starting with this')
    .option('--since <date>', 'only from this day or time on, UTC')
    .option('--until <date>', 'only up to this day or time, UTC')
    .option('--deleted', 'instead, the deleted ones that undelete can bring back')
    .addHelpText('after', examples)
    .action((options: ListOptions) => list(session, options))
}

/** `s3db-backup list`: what is at the destination. Needs no database. */
export async function list({ terminal, signal }: Session, options: ListOptions): Promise<void> {
  const settings = await readSettings(options, terminal)
  const { limit, prefix, since, until } = options
  const plugin = openPlugin(settings)
  hearWarnings(plugin, terminal)
  const nothing = await nothingHere(settings)
  if (options.deleted === true) {
    printDeleted(terminal, await plugin.listBackups({ deleted: true, signal }))
    return
  }
  const backups = await plugin.listBackups({
    signal,
    limit,
    prefix,
    startDate: since,
    endDate: until,
  })
  if (terminal.json) terminal.document({ backups })
  else if (terminal.quiet) for (const { id } of backups) terminal.print(id)
  else {
    printBackups(terminal, backups, nothing)
    const [drill] = await plugin.drills({ signal })
    if (drill !== undefined) terminal.print(lastDrill(terminal, drill))
  }
}

const deletedColumns = [
  { title: 'Backup ID' },
  { title: 'Size', align: 'right' },
  { title: 'Deleted' },
  { title: 'Gone for good' },
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
    print('There are no deleted backups here.')
    return
  }
  const rows = backups.map(({ id, size, deletedAt, purgeAfter, complete }) => [
    id,
    bytes(size),
    instant(deletedAt),
    complete ? instant(purgeAfter) : colors.red('already in part'),
  ])
  print(table(deletedColumns, rows, { width, head: colors.bold }))
}

function lastDrill({ colors }: Terminal, { startedAt, ok }: KeptDrill): string {
  return `Last drill: ${ok ? colors.green('passed') : colors.red('FAILED')}, ${instant(startedAt)}`
}
