import type { DeletedBackup, KeptDrill, ListedBackup } from '@s3db-backup/plugin-adapter'
import { noBackups, nothingHere } from '../access/backup-directory.js'
import { openPlugin } from '../access/open-plugin.js'
import type { ListCommand } from '../config/command-options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { backupColumns, backupRow } from '../terminal/backup-rows.js'
import { table } from '../terminal/layout.js'
import type { Terminal } from '../terminal/terminal.js'
import { bytes, instant } from '../terminal/units.js'

/** `s3db-backup list`: what is at the destination. Needs no database. */
export async function list({ terminal, signal }: Session, options: ListCommand): Promise<void> {
  const settings = await readSettings(options, terminal)
  const { limit, prefix, since, until } = options
  const plugin = openPlugin(settings)
  const nothing = await nothingHere(settings)
  if (options.deleted === true) {
    printDeleted(terminal, await plugin.listBackups({ deleted: true, signal }))
    return
  }
  const backups = await plugin.listBackups({
    signal,
    ...(limit === undefined ? {} : { limit }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(since === undefined ? {} : { startDate: since }),
    ...(until === undefined ? {} : { endDate: until }),
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

/** The backups as a table, with what is wrong with the damaged ones below it, or what to say of none. */
export function printBackups(
  terminal: Terminal,
  backups: readonly ListedBackup[],
  nothing = noBackups,
): void {
  if (backups.length === 0) {
    terminal.print(nothing)
    return
  }
  const { colors, width } = terminal
  const rows = backups.map((backup) => backupRow(backup, colors))
  terminal.print(table(backupColumns, rows, { width, head: colors.bold }))
  for (const backup of backups)
    if (backup.status === 'damaged') terminal.print(`${colors.red('✗')} ${backup.error.message}`)
}
