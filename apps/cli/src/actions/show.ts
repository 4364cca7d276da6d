import type { Manifest } from '@s3db-backup/core'
import { openPlugin } from '../access/open-plugin.js'
import type { PlaceOptions } from '../config/command-options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { backupDetails, printDetails } from '../terminal/backups.js'
import { table } from '../terminal/layout.js'
import type { Terminal } from '../terminal/terminal.js'
import { bytes, count } from '../terminal/units.js'
import { findBackup } from './status.js'

/** `s3db-backup show <id>`: what a backup holds, file by file. Needs no database. */
export async function show({ terminal, signal }: Session, id: string, options: PlaceOptions): Promise<void> {
  const settings = await readSettings(options, terminal)
  const plugin = openPlugin(settings)
  // Of an unfinished backup this says more than that there is no manifest.
  await findBackup(plugin, id)
  const { manifest, ...backup } = await plugin.describe(id, { signal })
  if (terminal.json) return terminal.document({ ...backup, error: null, manifest })
  printDetails(terminal, 'Backup', backupDetails(backup, terminal))
  terminal.print()
  printResources(terminal, manifest)
  terminal.print()
  printFiles(terminal, manifest)
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

function printFiles(terminal: Terminal, manifest: Manifest): void {
  const { colors, width } = terminal
  const rows = manifest.parts.map((part) => [
    part.file,
    part.holds,
    count(part.records),
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
