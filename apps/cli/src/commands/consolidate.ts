import type { BackupPlugin } from '@s3db-backup/plugin'
import type { Command } from 'commander'
import { namingDeleted } from '../access/find-backup.js'
import { openPlugin } from '../access/open-plugin.js'
import { resolveId } from '../access/resolve-id.js'
import {
  type PlaceOptions,
  type ProgressMode,
  withPlace,
  withPlain,
  withProgress,
} from '../config/options.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { printBackup } from '../terminal/backups.js'
import { watchProgress } from '../terminal/progress.js'

interface ConsolidateOptions extends PlaceOptions {
  readonly allowPlain?: boolean | undefined
  readonly compression?: string | undefined
  readonly verify: boolean
  readonly progress: ProgressMode
}

const examples = `
The chain stays: delete it, or let prune do so.

Examples:
  s3db-backup consolidate incremental-2024-03-15T14-30-45-abc123`

export function consolidateCommand(command: Command, session: Session): void {
  command.argument('<id>', 'the last backup of the chain')
  withPlace(command)
    .option('--compression <name>', 'gzip, zstd, brotli, deflate or none (default: gzip)')
    .option('--no-verify', 'do not read the backup back after writing it')
  withProgress(withPlain(command))
    .addHelpText('after', examples)
    .action((id: string, options: ConsolidateOptions) => consolidate(session, id, options))
}

type Call = NonNullable<Parameters<BackupPlugin['consolidate']>[1]>

/** `s3db-backup consolidate <id>`: merges a chain into a new full backup. Needs no database. */
export async function consolidate(
  session: Session,
  given: string,
  options: ConsolidateOptions,
): Promise<void> {
  const { terminal, signal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  const id = await resolveId(plugin, given, 'backup')
  const progress = watchProgress(plugin, terminal, { doing: 'Merging', mode: options.progress })
  const { compression, verify } = options
  const call: Call = {
    signal,
    allowPlain: options.allowPlain === true,
    // The plugin checks the name and suggests the nearest.
    compression: compression as Call['compression'],
    verification: verify ? undefined : false,
  }
  const made = await namingDeleted(plugin, () => plugin.consolidate(id, call)).finally(() => progress.stop())
  printBackup(terminal, made)
}
