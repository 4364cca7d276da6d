import {
  BackupError,
  type BackupEvent,
  type BackupResult,
  backup,
  compression,
  type Driver,
  isBackupError,
  type OnWarning,
  type Source,
  type StorageWarning,
} from '@s3db-backup/core'
import { createBackupId, parseOptions } from '@s3db-backup/core/internal'
import { type Counted, type Database, databaseAt, type Snapshot, snapshotSource } from '@s3db-backup/s3db'
import { checkConnected } from '@s3db-backup/s3db/internal'
import type * as z from 'zod'
import type { PluginContext, Storage } from '../context/plugin-context.js'
import type { Announce } from '../events/announce.js'
import { runHook, runLateHook } from '../events/hooks.js'
import { type BackupCall, backupCallSchema, selectionOf } from '../options/backup-call.js'
import { parseMoment } from '../past/moment.js'
import { notInstalled } from '../target/open-target.js'
import { cleanupAfterBackup } from './cleanup-backups.js'
import { coreOptions } from './core-options.js'
import { describeDryRun, type PluginDryRun } from './dry-run.js'
import { describeBackup, type PluginBackup } from './results.js'

/**
 * `plugin.backup(type, options)`: makes a backup of the plugin's database at the plugin's destination, and runs hooks
 * and listeners. A hook that rejects before the work begins stops it; one that fails afterwards is reported and changes
 * nothing.
 */
export async function makeBackup(
  context: PluginContext,
  type: string,
  options: BackupCall,
): Promise<PluginBackup> {
  const ofSource: StorageWarning[] = []
  const { id, signal, run, counted } = prepare(context, type, options, (warning) => ofSource.push(warning))
  let cancelled = (): boolean => false
  try {
    return await context.running.during(id, signal, async (combined) => {
      cancelled = () => combined.aborted
      await runHook(context.config, 'onBackupStart', type, { backupId: id, type })
      const result = await run(combined).catch(async (error: unknown) => {
        // A single unreadable record must not make nightly backups accumulate for ever.
        if (isBackupError(error, 'incomplete') && error.metadata.backupId === id)
          await cleanupAfterBackup(context, combined)
        throw error
      })
      const described = {
        ...describeBackup(result, context.destination),
        ...fullInstead(type, result),
        ...nearOf(counted()),
      }
      const missed = context.destination.missed?.(result.directory) ?? []
      for (const warning of missed) context.announce('plg:backup:warning', { ...warning })
      const warnings = [...context.warnings, ...ofSource, ...missed]
      const made = withWarnings(described, warnings)
      context.announce('plg:backup:complete', { ...made })
      await runLateHook(context, 'onBackupComplete', type, { ...made, backupId: id })
      const unclean = await cleanupAfterBackup(context, combined)
      return unclean === undefined ? made : withWarnings(described, [...warnings, unclean])
    })
  } catch (error) {
    context.failures.note(id, type, error)
    if (cancelled()) context.announce('plg:backup:cancelled', { id, type, error })
    context.announce('plg:backup:error', { id, type, error })
    await runLateHook(context, 'onBackupError', type, { backupId: id, error })
    throw error
  }
}

function withWarnings(made: PluginBackup, warnings: readonly StorageWarning[]): PluginBackup {
  return warnings.length === 0 ? made : { ...made, warnings }
}

/** An incremental backup that builds on nothing is a full one, and says so. */
function fullInstead(type: string, { manifest }: BackupResult): Pick<PluginBackup, 'fullInstead'> {
  return type === 'incremental' && manifest.parent === null ? { fullInstead: true } : {}
}

/** If all records are as of one moment, says how many versions are so close to it that the clock cannot separate them. */
function nearOf(counted: Counted | undefined): Pick<PluginBackup, 'near'> {
  return counted === undefined ? {} : { near: counted.near }
}

/**
 * `plugin.backup(type, { dryRun: true })`: reads and compresses everything that a backup would, and writes
 * nothing. No hook runs, because nothing happened.
 */
export async function tryBackup(
  context: PrepareContext & Pick<PluginContext, 'running'>,
  type: string,
  options: BackupCall,
): Promise<PluginDryRun> {
  const { id, signal, run, counted } = prepare(context, type, options)
  const tried = await context.running.during(id, signal, run)
  return { ...describeDryRun(tried, counted()), ...nearOf(counted()) }
}

interface Prepared {
  readonly id: string
  readonly signal: AbortSignal | undefined
  readonly run: (signal: AbortSignal) => Promise<BackupResult>
  /** What the source asked for, if all of it is of one moment. */
  readonly counted: () => Counted | undefined
}

type PrepareContext = Storage & Pick<PluginContext, 'announce' | 'config' | 'database'>

/** Checks the call and decides everything, so that only the work itself is left to do. */
function prepare(
  context: PrepareContext,
  type: string,
  options: BackupCall,
  onWarning: OnWarning = () => undefined,
): Prepared {
  const call = parseOptions(backupCallSchema, options, { what: 'options of backup()', operation: 'backup' })
  const { config, destination } = context
  const database = context.database()
  if (database === undefined) throw notInstalled()
  checkConnected(database, 'backup')
  const id = createBackupId(type, new Date())
  const codec = compression(call.compression ?? config.compression)
  const selection = selectionOf(type, call, config)

  // One source for all attempts: its warnings apply to each of them.
  const source = sourceOf(database, type, call, config.snapshot, (warning) => {
    onWarning(warning)
    context.announce('plg:backup:warning', { ...warning })
  })

  const attempt = async (driver: Driver, signal: AbortSignal) => {
    context.announce('plg:backup:phase', { id, phase: 'listing' })
    return backup({
      id,
      driver,
      ...(await coreOptions(context, { type, call, selection, codec, source, signal })),
      dryRun: call.dryRun ?? false,
      signal,
      onEvent: tellListeners(context.announce, type),
    })
  }

  const run = (signal: AbortSignal) => {
    const once = (driver: Driver) => attempt(driver, signal)
    return destination.carry === undefined || call.dryRun === true
      ? once(destination.driver)
      : destination.carry(once, signal)
  }
  return { id, signal: call.signal, run, counted: () => source.counted() }
}

/** The database as it is, or as it was at the moment that the call names. */
function sourceOf(
  database: Database,
  type: string,
  call: z.output<typeof backupCallSchema>,
  snapshot: Snapshot,
  onWarning: OnWarning,
): Source & { counted(): Counted | undefined } {
  const incremental = type === 'incremental'
  if (call.at === undefined)
    return snapshotSource(database, { snapshot: call.snapshot ?? snapshot, incremental, onWarning })
  if (incremental)
    throw new BackupError('invalid_options', 'A backup of an earlier moment must be a full one', {
      operation: 'backup',
      suggestion: 'Leave out the type or the moment.',
    })
  return databaseAt(database, parseMoment(call.at, 'backup'), { onWarning })
}

/** Turns core's events of a running backup into those of the plugin. */
export function tellListeners(announce: Announce, type: string): (event: BackupEvent) => void {
  return (event) => {
    if (event.type === 'backup-start') {
      const { id, parent, resources } = event
      announce('plg:backup:start', { id, type, parent, resources })
      announce('plg:backup:phase', { id, phase: 'reading' })
    } else if (event.type === 'backup-phase') {
      announce('plg:backup:phase', { id: event.id, phase: event.phase })
    } else if (event.type === 'backup-progress') {
      const { id, resource, records, expected, bytes } = event
      announce('plg:backup:progress', { id, type, resource, records, expected, bytes })
    }
  }
}
