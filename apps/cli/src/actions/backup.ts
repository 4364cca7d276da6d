import { BackupError } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { BackupCall, PluginBackup } from '@s3db-backup/plugin-adapter'
import { openDatabase } from '../access/database.js'
import { openPlugin } from '../access/open-plugin.js'
import type { BackupCommand } from '../config/command-options.js'
import { checkConnection } from '../config/connection.js'
import { readSettings, type Settings } from '../config/settings.js'
import type { Session } from '../session.js'
import { backupDetails, printDetails } from '../terminal/backups.js'
import { printDryRun } from '../terminal/dry-run-summary.js'
import { watchProgress } from '../terminal/progress.js'
import type { Terminal } from '../terminal/terminal.js'

/** `s3db-backup backup`: makes a backup and says what it holds. */
export async function backup(session: Session, type: string, options: BackupCommand): Promise<void> {
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
        printBackup(session, made)
      }
    } finally {
      progress.stop()
    }
  } finally {
    await opened.close()
  }
}

/** Options that would be passed over without a word are mistakes. */
function checkType(type: string, { since, fullIfNeeded, maxChain, dryRun, prices }: BackupCommand): void {
  const given = Object.entries({ since, 'full-if-needed': fullIfNeeded, 'max-chain': maxChain })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--${name}`)
  if (type !== 'incremental' && given.length > 0) throw misplaced(given.join(', '), 'an incremental backup')
  if (prices === true && dryRun !== true) throw misplaced('--prices', 'a dry run: add --dry-run')
}

function misplaced(option: string, place: string): BackupError {
  return new BackupError('invalid_options', `${option} is only for ${place}`, { operation: 'backup' })
}

function pricingOf({ prices }: BackupCommand, settings: Settings, plugin: BackupPlugin) {
  if (prices !== true) return undefined
  return { prices: settings.prices, paidDestination: plugin.driver.getType() !== 'filesystem' }
}

function callOf(options: BackupCommand, settings: Settings, signal: AbortSignal): BackupCall {
  const { resources, exclude, compression, metadata, verify, partition, since, fullIfNeeded, maxChain } =
    options
  return {
    signal,
    metadata: { ...settings.metadata, ...metadata },
    ...(resources === undefined ? {} : { resources }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(partition === undefined ? {} : { partitions: partition }),
    ...(since === undefined ? {} : { since }),
    ...(fullIfNeeded === undefined ? {} : { fullIfNeeded }),
    ...(maxChain === undefined ? {} : { maxChain }),
    // The plugin checks the name and knows the nearest.
    ...(compression === undefined
      ? {}
      : { compression: compression as NonNullable<BackupCall['compression']> }),
    ...(verify ? {} : { verification: false }),
  }
}

/** Says what a new backup holds. */
export function printBackup({ terminal }: Session, made: PluginBackup): void {
  if (terminal.json) terminal.document(made)
  else if (terminal.quiet) terminal.print(made.id)
  else printSummary(terminal, made)
}

function printSummary(terminal: Terminal, made: PluginBackup): void {
  terminal.print(`${terminal.colors.green('✓')} ${made.type} backup created successfully`)
  terminal.print()
  printDetails(terminal, 'Backup Summary', backupDetails(made, terminal))
}
