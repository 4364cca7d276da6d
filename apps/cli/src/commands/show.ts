import { isBackupError, type Manifest } from '@s3db-backup/core'
import type { Command } from 'commander'
import { missingDirectory } from '../access/backup-directory.js'
import { backupUnder, findBackup, isFinished, type Known } from '../access/find-backup.js'
import { openPlugin } from '../access/open-plugin.js'
import { resolveId } from '../access/resolve-id.js'
import { type PlaceOptions, withPlace } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { backupDetails, isReadable, printDetails } from '../terminal/backups.js'
import { howToList } from '../terminal/command-words.js'
import { table } from '../terminal/layout.js'
import type { Terminal } from '../terminal/terminal.js'
import { bytes, count } from '../terminal/units.js'

const examples = `
Examples:
  s3db-backup show full-2024-03-15T14-30-45-abc123
  s3db-backup show full-2024-03-15T14-30-45-abc123 --json | jq .manifest.parts`

export function showCommand(command: Command, session: Session): void {
  withPlace(command.argument('<id>', 'the backup'))
    .addHelpText('after', examples)
    .action((id: string, options: PlaceOptions) => show(session, id, options))
}

/** `s3db-backup show <id>`: what a backup holds, file by file. Needs no database. */
export async function show(
  { terminal, signal }: Session,
  given: string,
  options: PlaceOptions,
): Promise<void> {
  const settings = await readSettings(options, terminal)
  const plugin = openPlugin(settings)
  const id = await resolveId(plugin, given)
  const { manifest, ...backup } = await plugin.describe(id, { signal }).catch(async (error: unknown) => {
    // For an unfinished backup this reports more than a missing manifest.
    if (isBackupError(error, 'not_found')) await findBackup(plugin, id)
    throw error
  })
  const unread = !isReadable(backup)
  if (terminal.json)
    return terminal.document({ ...backup, error: null, manifest: unread ? readableOf(manifest) : manifest })
  printDetails(terminal, 'Backup', [...backupDetails(backup, terminal), ...selectionLines(manifest)])
  terminal.print()
  printResources(terminal, manifest)
  terminal.print()
  printFiles(terminal, manifest, unread)
}

/** Without the key: what the manifest says to everybody. */
function readableOf(manifest: Manifest): object {
  const { resources: _, internal: __, database: ___, metadata: ____, parts, ...open } = manifest
  const told = parts.map(({ resource, holds, records, contentBytes, longestLine, ...part }) => part)
  return { ...open, parts: told }
}

/** The part of the database that is in the backup, if it is not all of it. */
function selectionLines({ selection }: Manifest): [label: string, value: string][] {
  if (selection === undefined) return []
  const { resources, exclude, filter } = selection
  return [
    ...(resources === null ? [] : ([['Only', resources.join(', ')]] satisfies [string, string][])),
    ...(exclude.length === 0 ? [] : ([['Without', exclude.join(', ')]] satisfies [string, string][])),
    ...(filter === null ? [] : ([['Filter', JSON.stringify(filter)]] satisfies [string, string][])),
  ]
}

function printResources(terminal: Terminal, manifest: Manifest): void {
  const { colors, width } = terminal
  const rows = Object.values(manifest.resources).map((resource) => [
    resource.name,
    count(resource.recordCount),
    resource.lost.length === 0 ? '-' : colors.yellow(count(resource.lost.length)),
    String(Object.keys(resource.attributes).length),
    Object.keys(resource.partitions).join(', ') || '-',
  ])
  if (rows.length === 0) return
  const columns = [
    { title: 'Resource' },
    { title: 'Records', align: 'right' },
    { title: 'Lost', align: 'right' },
    { title: 'Attributes', align: 'right' },
    { title: 'Partitions' },
  ] as const
  terminal.print(table(columns, rows, { width, head: colors.bold }))
}

function printFiles(terminal: Terminal, manifest: Manifest, unread: boolean): void {
  const { colors, width } = terminal
  const rows = manifest.parts.map((part) => [
    part.file,
    ...(unread ? ['?', '?'] : [part.holds, count(part.records)]),
    bytes(part.bytes),
    part.codecs.join(' + ') || 'none',
    part.sha256.slice(0, 12),
  ])
  if (rows.length === 0) return
  const columns = [
    { title: 'File' },
    { title: 'Holds' },
    { title: 'Lines', align: 'right' },
    { title: 'Size', align: 'right' },
    { title: 'Codecs' },
    { title: 'SHA-256' },
  ] as const
  terminal.print(table(columns, rows, { width, head: colors.bold }))
}

/** `s3db-backup backup --status <id>`: one backup in a few lines. Needs no database. */
export async function status({ terminal }: Session, given: string, options: PlaceOptions): Promise<void> {
  const settings = await readSettings(options, terminal)
  const suggestion = (await missingDirectory(settings)) ?? howToList
  const plugin = openPlugin(settings)
  const id = await resolveId(plugin, given)
  const backup = await backupUnder(plugin, id, { operation: 'status', suggestion })
  if (terminal.json) terminal.document(backup)
  else if (terminal.quiet) terminal.print(backup.status)
  else printDetails(terminal, 'Backup Status', details(backup, terminal))
}

function details(backup: Known, terminal: Terminal): [string, string][] {
  if (isFinished(backup)) return backupDetails(backup, terminal)
  const { id, type, status, timestamp, path, error } = backup
  return [
    ['ID', id],
    ['Type', type],
    ['Status', status],
    ...(timestamp === null ? [] : [['Started', timestamp] satisfies [string, string]]),
    ['Path', path],
    ...('purgeAfter' in backup ? [['Gone', backup.purgeAfter] satisfies [string, string]] : []),
    ...(isBackupError(error)
      ? [['Error', `${error.message} (${error.code})`] satisfies [string, string]]
      : []),
  ]
}
