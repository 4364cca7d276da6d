import type { EventEmitter } from 'node:events'
import { compression, type OnWarning, type StorageWarning } from '@s3db-backup/core'
import { type Policy, parsePolicy } from '@s3db-backup/retention'
import type { Database } from '@s3db-backup/s3db'
import { announcer, logEvents, type Reporting } from '../events/announce.js'
import type { ListenerArguments } from '../events/backup-events.js'
import { loggerOf } from '../events/logger.js'
import type { Assembly, PluginEncryption, ScratchFolder } from '../options/assembly.js'
import type { Destination } from '../options/destination.js'
import { encryptionOf, withoutKeys } from '../options/encryption.js'
import type { PluginConfig } from '../options/plugin-options.js'
import { type Failures, failures, type Running, running } from './running.js'

/** Where backups lie, and what opens those that are encrypted. */
export interface Storage {
  readonly destination: Destination
  /** Encrypts new backups and opens those that are encrypted. */
  readonly encryption?: PluginEncryption | undefined
}

/** The database that the plugin works for, and where it makes others. */
export interface Databases {
  /** The database, if the plugin is installed in one. */
  database(): Database | undefined
  /** Makes a folder for the database of a drill. Left out, that database is in memory. */
  readonly scratchFolder?: (() => Promise<ScratchFolder>) | undefined
}

/** All that a plugin has. Each of its methods names the part that it needs. */
export interface PluginContext extends Storage, Databases, Reporting {
  readonly config: PluginConfig
  /** Which backups are kept. Keeps everything if no policy was given. */
  readonly policy: Policy
  readonly running: Running
  /** What drivers have warned of so far: it holds for as long as the destination is the same. */
  readonly warnings: readonly StorageWarning[]
  /** The error of a backup of this process that failed, by its id. */
  readonly failures: Failures
}

/** Throws `invalid_options`, or what the assembly says of its part of the options. */
export function pluginContext(
  given: PluginConfig,
  assembly: Assembly,
  plugin: EventEmitter<ListenerArguments>,
  database: () => Database | undefined,
): PluginContext {
  const encryption = encryptionOf(given, assembly)
  const config = withoutKeys(given)
  compression(config.compression)
  const policy = parsePolicy(config.retention ?? {})
  const logger = () => loggerOf(plugin)
  const tell = config.emitEvents ? announcer(plugin, database, logger) : () => undefined
  const log = logEvents(config, logger)
  const scratchFolder = assembly.scratchFolder?.bind(assembly, config)
  const announce: Reporting['announce'] = (event, payload) => {
    log(event, payload)
    tell(event, payload)
  }
  const warnings: StorageWarning[] = []
  const onWarning: OnWarning = (warning) => {
    // A passing condition is reported only when it occurs.
    if (warning.code !== 'destination_missed') warnings.push(warning)
    announce('plg:backup:warning', { ...warning })
  }
  return {
    config,
    destination: assembly.destination(config, database, onWarning),
    warnings,
    encryption,
    policy,
    running: running(),
    scratchFolder,
    announce,
    database,
    logger,
    failures: failures(),
  }
}
