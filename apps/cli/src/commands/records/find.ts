import { BackupError } from '@s3db-backup/core'
import type { FoundRecord } from '@s3db-backup/core/internal'
import type { Command } from 'commander'
import { openPlugin } from '../../access/open-plugin.js'
import { names, type PlaceOptions, withPlace, withPlain } from '../../config/options.js'
import { readSettings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { table } from '../../terminal/layout.js'
import type { Terminal } from '../../terminal/terminal.js'
import { instant } from '../../terminal/units.js'

interface FindOptions extends PlaceOptions {
  readonly allowPlain?: boolean | undefined
  readonly resource?: string[] | undefined
}

const examples = `
Searches every resource of the newest backup of each series.

Examples:
  s3db-backup find u42
  s3db-backup find u42 --resource users,orders --json`

export function findCommand(command: Command, session: Session): void {
  withPlain(withPlace(command.argument('<record>', 'the id of the record')))
    .option('--resource <names>', 'only in these resources', names)
    .addHelpText('after', examples)
    .action((id: string, options: FindOptions) => find(session, id, options))
}

/** Where a record was found. */
interface Found {
  readonly resource: string
  readonly firstSeen: string
  /** When it went, if it did. */
  readonly gone: string | null
  /** How often it appeared or changed. */
  readonly versions: number
  /** The backup that has its last version. */
  readonly backupId: string
}

/** `s3db-backup find <record>`: which resources have, or had, a record of this id. */
export async function find({ terminal, signal }: Session, id: string, options: FindOptions): Promise<void> {
  const plugin = openPlugin(await readSettings(options, terminal))
  const call = { resources: options.resource, allowPlain: options.allowPlain === true, signal }
  const found: Found[] = []
  for await (const { resource, versions } of plugin.find(id, call)) {
    found.push(summary(resource, versions))
    const unread = versions.find(({ change }) => change === 'unreadable')
    if (unread !== undefined)
      terminal.warn({
        message: `Cannot read the record in '${unread.backupId}': ${unread.error?.message ?? ''}`,
        suggestion: `'s3db-backup history ${resource} ${id}' shows the record in each backup.`,
      })
  }
  if (terminal.json) terminal.document({ id, found })
  else if (found.length > 0) printFound(terminal, found)
  if (found.length > 0) return
  throw new BackupError('not_found', `No backup has a record ${JSON.stringify(id)}`, {
    operation: 'open',
    suggestion: 'Check the id; s3db-backup list shows how far back the backups reach.',
  })
}

function summary(resource: string, versions: FoundRecord['versions']): Found {
  const readable = versions.filter(({ change }) => change !== 'unreadable')
  const living = readable.filter(({ change }) => change !== 'gone')
  const last = readable.at(-1)
  return {
    resource,
    firstSeen: (readable[0] ?? versions[0])?.exportedAt ?? '',
    gone: last?.change === 'gone' ? last.exportedAt : null,
    versions: living.length,
    backupId: (living.at(-1) ?? versions.at(-1))?.backupId ?? '',
  }
}

function printFound(terminal: Terminal, found: readonly Found[]): void {
  const { colors, width } = terminal
  const rows = found.map(({ resource, firstSeen, gone, versions, backupId }) => [
    resource,
    instant(firstSeen),
    gone === null ? 'no' : instant(gone),
    String(versions),
    backupId,
  ])
  const columns = [
    { title: 'Resource' },
    { title: 'First seen' },
    { title: 'Gone' },
    { title: 'Versions', align: 'right' },
    { title: 'Last version in' },
  ] as const
  terminal.print(table(columns, rows, { width, head: colors.bold }))
}
