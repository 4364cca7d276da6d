import { resolve } from 'node:path'
import { BackupError } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { Command } from 'commander'
import { openPlugin } from '../access/open-plugin.js'
import { resolveId } from '../access/resolve-id.js'
import { destinationAt } from '../config/address.js'
import { type PlaceOptions, withPlace } from '../config/options.js'
import { fromHome, pathFrom } from '../config/paths.js'
import { readSettings, type Settings } from '../config/settings.js'
import type { Session } from '../session.js'
import { watchTime } from '../terminal/progress.js'
import { bytes, counted } from '../terminal/units.js'

interface CopyOptions extends PlaceOptions {
  readonly to: string
}

const examples = `
Copies a backup and every backup it builds on, file by file as stored, and
compares each file with its hash. Existing files stay. Needs no key.

Examples:
  s3db-backup copy latest --to /mnt/usb/backups
  s3db-backup copy latest:full --to "s3://offsite/app?storageClass=GLACIER_IR"`

export function copyCommand(command: Command, session: Session): void {
  withPlace(command.argument('<id>', 'the backup'))
    .requiredOption('--to <where>', 'a folder, or s3://bucket/prefix')
    .addHelpText('after', examples)
    .action((id: string, options: CopyOptions) => copy(session, id, options))
}

/** `s3db-backup copy <id> --to <where>`: a backup and its ancestors, at another destination as well. Needs no database. */
export async function copy(session: Session, given: string, options: CopyOptions): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const from = openPlugin(settings)
  const both = openPlugin({ plugin: bothOf(settings, options.to) })
  const id = await resolveId(from, given)
  await checkWhole(from, id, signal)
  const progress = watchTime(terminal, { doing: 'Copying', mode: 'auto' })
  const report = await both.replicas.sync({ id, signal }).finally(() => progress.stop())
  if (terminal.json) {
    terminal.document({ id, to: pathFrom(process.cwd(), options.to), copied: report.copied })
    return
  }
  if (terminal.quiet) return
  for (const { id: copied, files, bytes: size } of report.copied)
    terminal.print(
      `${terminal.colors.green('✓')} ${copied} copied (${counted(files, 'file')}, ${bytes(size)})`,
    )
  if (report.copied.length === 0) terminal.print('It is already there, with every backup it builds on.')
}

/** Throws unless the place that is copied from has the backup and every backup that it needs. */
async function checkWhole(from: BackupPlugin, id: string, signal: AbortSignal): Promise<void> {
  const listed = await from.listBackups({ signal })
  const backup = listed.find((one) => one.id === id)
  if (backup === undefined)
    throw new BackupError('not_found', `Backup '${id}' not found`, { metadata: { backupId: id } })
  if (backup.status === 'damaged') throw backup.error
  if (backup.lacks !== undefined)
    throw new BackupError('broken_chain', `Backup '${id}' needs '${backup.lacks}', which is missing`, {
      metadata: { backupId: id, missing: backup.lacks },
    })
}

function bothOf({ plugin }: Settings, to: string): Settings['plugin'] {
  const target = destinationAt(to, process.env) ?? {
    driver: 'filesystem',
    config: { path: resolve(fromHome(to)) },
  }
  const { driver, config } = plugin
  const drivers = [
    { name: 'from', driver, config },
    { name: 'to', ...target },
  ]
  // The plugin checks it, like the rest of a configuration.
  return { ...plugin, driver: 'multi', config: { drivers } } as Settings['plugin']
}
