import { BackupError } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { BackupCall } from '@s3db-backup/plugin-adapter'
import type { Command } from 'commander'
import { openDatabase } from '../access/database.js'
import { openPlugin } from '../access/open-plugin.js'
import { checkConnection } from '../config/connection.js'
import {
  keyValue,
  names,
  type PartitionOptions,
  type PlaceOptions,
  type ProgressMode,
  partition,
  wholeNumber,
  withConnection,
  withPlace,
  withProgress,
} from '../config/options.js'
import { readSettings, type Settings } from '../config/settings.js'
import type { Session } from '../session.js'
import { printBackup } from '../terminal/backups.js'
import { printDryRun } from '../terminal/dry-run-summary.js'
import { watchProgress } from '../terminal/progress.js'
import { list } from './list.js'
import { status } from './show.js'

interface BackupOptions extends PlaceOptions {
  readonly connection?: string | undefined
  readonly resources?: string[] | undefined
  readonly exclude?: string[] | undefined
  readonly compression?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly partition?: PartitionOptions | undefined
  readonly since?: string | undefined
  readonly fullIfNeeded?: boolean | undefined
  readonly maxChain?: number | undefined
  readonly dryRun?: boolean | undefined
  readonly prices?: boolean | undefined
  readonly verify: boolean
  readonly progress: ProgressMode
}

const examples = `
Examples:
  s3db-backup backup --connection s3://KEY:SECRET@bucket/databases/app
  s3db-backup backup incremental --full-if-needed
  s3db-backup backup incremental --dry-run --prices
  s3db-backup backup selective --resources users --partition byRegion=US,EU
  s3db-backup backup weekly-snapshot --metadata reason=release
  s3db-backup backup --list
  s3db-backup backup --status full-2024-03-15T14-30-45-abc123`

export function backupCommand(command: Command, session: Session): void {
  command.argument('[type]', 'full, incremental, selective, or a name of your own', 'full')
  withPlace(withConnection(command, 'the database'))
    .option('--resources <names>', 'only these resources (globs allowed)', names)
    .option('--exclude <names>', 'not these resources (globs allowed)', names)
    .option('--partition <name=values>', 'only records in these values; may be repeated', partition)
    .option('--since <date|id>', 'incremental: build on the backup of this id, or the newest by then')
    .option('--full-if-needed', 'incremental: make a full one where there is nothing to build on')
    .option('--max-chain <n>', 'incremental: the longest chain, the full one included', wholeNumber)
    .option('--compression <name>', 'gzip, zstd, brotli, deflate or none (default: gzip)')
    .option('--metadata <key=value>', 'a note to keep with the backup; may be repeated', keyValue)
    .option('--no-verify', 'do not read the backup back after writing it')
    .option('--dry-run', 'read everything, write nothing, and say what it would come to')
    .option('--prices', 'with --dry-run: say what the requests would cost at S3')
    .option('--list', 'list the backups instead')
    .option('--status <id>', 'show one backup instead')
  withProgress(command)
    .addHelpText('after', examples)
    .action(
      (
        type: string,
        options: BackupOptions & { list?: boolean | undefined; status?: string | undefined },
      ) => {
        if (options.list === true) return list(session, options)
        if (options.status !== undefined) return status(session, options.status, options)
        return backup(session, type, options)
      },
    )
}

/** `s3db-backup backup`: makes a backup and says what it holds. */
export async function backup(session: Session, type: string, options: BackupOptions): Promise<void> {
  const { terminal, signal } = session
  checkType(type, options)
  const settings = await readSettings(options, terminal)
  const connection = checkConnection(settings.connection)
  // Made before the database is opened: a mistake in its settings is then told at once.
  openPlugin(settings)
  const opened = await openDatabase(connection, session, { mustExist: true })
  try {
    const plugin = openPlugin(settings, opened.database)
    const doing = options.dryRun === true ? 'Reading' : 'Backing up'
    const progress = watchProgress(plugin, terminal, { doing, mode: options.progress })
    try {
      const call = callOf(options, settings, signal)
      if (options.dryRun === true) {
        const dryRun = await plugin.backup(type, { ...call, dryRun: true })
        progress.stop()
        printDryRun(terminal, dryRun, pricingOf(options, settings, plugin))
      } else {
        const made = await plugin.backup(type, call)
        progress.stop()
        printBackup(terminal, made)
      }
    } finally {
      progress.stop()
    }
  } finally {
    await opened.close()
  }
}

/** Options that would be passed over without a word are mistakes. */
function checkType(type: string, { since, fullIfNeeded, maxChain, dryRun, prices }: BackupOptions): void {
  const given = Object.entries({ since, 'full-if-needed': fullIfNeeded, 'max-chain': maxChain })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--${name}`)
  if (type !== 'incremental' && given.length > 0) throw misplaced(given.join(', '), 'an incremental backup')
  if (prices === true && dryRun !== true) throw misplaced('--prices', 'a dry run: add --dry-run')
}

function misplaced(option: string, place: string): BackupError {
  return new BackupError('invalid_options', `${option} is only for ${place}`, { operation: 'backup' })
}

function pricingOf({ prices }: BackupOptions, settings: Settings, plugin: BackupPlugin) {
  if (prices !== true) return undefined
  return { prices: settings.prices, paidDestination: plugin.driver.getType() !== 'filesystem' }
}

function callOf(options: BackupOptions, settings: Settings, signal: AbortSignal): BackupCall {
  const { resources, exclude, compression, metadata, verify, partition, since, fullIfNeeded, maxChain } =
    options
  return {
    signal,
    metadata: { ...settings.metadata, ...metadata },
    resources,
    exclude,
    partitions: partition,
    since,
    fullIfNeeded,
    maxChain,
    // The plugin checks the name and knows the nearest.
    compression: compression as BackupCall['compression'],
    verification: verify ? undefined : false,
  }
}
