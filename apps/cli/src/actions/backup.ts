import type { BackupCall, PluginBackup } from '@s3db-backup/plugin-adapter'
import type { BackupCommand } from '../command-options.js'
import { checkConnection } from '../connection.js'
import { openDatabase } from '../database.js'
import { backupDetails, printDetails } from '../details.js'
import { openPlugin } from '../open-plugin.js'
import { watchProgress } from '../progress.js'
import type { Session } from '../session.js'
import { readSettings, type Settings } from '../settings.js'
import type { Terminal } from '../terminal.js'

/** `s3db-backup backup`: makes a backup and says what it holds. */
export async function backup(session: Session, type: string, options: BackupCommand): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const connection = checkConnection(settings.connection)
  // Made before the database is opened: a mistake in its settings is then told at once.
  openPlugin(settings)
  const opened = await openDatabase(connection, session, { mustExist: true })
  try {
    const plugin = openPlugin(settings, opened.database)
    const progress = watchProgress(plugin, terminal, { doing: 'Backing up', mode: options.progress })
    try {
      const made = await plugin.backup(type, callOf(options, settings, signal))
      progress.stop()
      printBackup(session, made)
    } finally {
      progress.stop()
    }
  } finally {
    await opened.close()
  }
}

function callOf(options: BackupCommand, settings: Settings, signal: AbortSignal): BackupCall {
  const { resources, exclude, compression, metadata, verify } = options
  return {
    signal,
    metadata: { ...settings.metadata, ...metadata },
    ...(resources === undefined ? {} : { resources }),
    ...(exclude === undefined ? {} : { exclude }),
    // The plugin checks the name and knows the nearest.
    ...(compression === undefined
      ? {}
      : { compression: compression as NonNullable<BackupCall['compression']> }),
    ...(verify ? {} : { verification: false }),
  }
}

function printBackup({ terminal }: Session, made: PluginBackup): void {
  if (terminal.json) terminal.document(made)
  else if (terminal.quiet) terminal.print(made.id)
  else printSummary(terminal, made)
}

function printSummary(terminal: Terminal, made: PluginBackup): void {
  terminal.print(`${terminal.colors.green('✓')} ${made.type} backup created successfully`)
  terminal.print()
  printDetails(terminal, 'Backup Summary', backupDetails(made, terminal))
}
