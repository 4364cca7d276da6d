import { EventEmitter } from 'node:events'
import {
  compression,
  type RemoveReport,
  remove,
  type VerifyLevel,
  type VerifyReport,
  verify,
} from '@s3db-backup/core'
import { parsePolicy } from '@s3db-backup/retention'
import { announcer, loggerOf } from './announce.js'
import type { BackupCall } from './backup-call.js'
import { cleanupBackups, type PluginCleanup } from './cleanup-backups.js'
import { type Database, isDatabase } from './database.js'
import type { Destination } from './destination.js'
import type { PluginDryRun } from './dry-run.js'
import { backupStatus, listBackups } from './list-backups.js'
import { makeBackup, tryBackup } from './make-backup.js'
import { notInstalled } from './open-target.js'
import type { PluginContext } from './plugin-context.js'
import {
  type CleanupCall,
  type ListCall,
  type PluginConfig,
  type PluginOptions,
  parsePluginOptions,
  type RestoreCall,
} from './plugin-options.js'
import { type PluginRestore, restoreBackup } from './restore-backup.js'
import type { ListedBackup, PluginBackup } from './results.js'
import { running, stopped } from './running.js'

/** What a plugin is assembled from: how its options become a destination. */
export interface Assembly {
  destination(config: PluginConfig, database: () => Database | undefined): Destination
}

/**
 * A backup plugin's life in an s3db.js database, and the documented methods. It knows no driver; those come
 * with the assembly. Listing, verifying and deleting need no database; backing up and restoring do.
 */
export class DatabasePlugin extends EventEmitter {
  /** Set by s3db.js when the plugin is given to it. */
  instanceName?: string
  readonly #context: PluginContext
  #database: Database | undefined

  constructor(options: PluginOptions | Database | undefined, assembly: Assembly) {
    super()
    // s3db.js constructs plugins that it is given as classes with the database as their only argument.
    const config = parsePluginOptions(isDatabase(options) ? { database: options } : (options ?? {}))
    compression(config.compression)
    const policy = parsePolicy(config.retention ?? {})
    const database = () => this.#database
    const logger = () => loggerOf(this)
    const announce = config.emitEvents ? announcer(this, database, logger) : () => undefined
    this.#context = {
      config,
      destination: assembly.destination(config, database),
      policy,
      running: running(),
      announce,
      database,
      logger,
    }
    if (config.database !== undefined) this.#attach(config.database)
  }

  get config(): PluginConfig {
    return this.#context.config
  }

  /** The ids of what is being done right now. */
  get activeBackups(): ReadonlySet<string> {
    return this.#context.running.ids
  }

  /** Called by `db.usePlugin`. Remembers the database; reads, writes and creates nothing. */
  async install(database: unknown): Promise<void> {
    if (!isDatabase(database)) throw notInstalled()
    this.#attach(database)
  }

  async start(): Promise<void> {
    // Nothing runs by itself.
  }

  /** Ends what is running and waits until it has cleaned up. */
  async stop(): Promise<void> {
    const ended = await this.#context.running.end(stopped('The plugin was stopped'))
    for (const id of ended) this.#context.announce('plg:backup:cancelled', { id })
  }

  async uninstall(): Promise<void> {
    await this.stop()
    this.#database = undefined
  }

  setInstanceName(name: string): void {
    this.instanceName = name
  }

  /**
   * Makes a backup: `full`, `incremental`, `selective`, or a full one under a name of your own such as
   * `weekly-snapshot`. With `dryRun` nothing is written, and the result says what it would have come to.
   */
  backup(type: string | undefined, options: BackupCall & { readonly dryRun: true }): Promise<PluginDryRun>
  backup(type?: string, options?: BackupCall): Promise<PluginBackup>
  backup(type = 'full', options: BackupCall = {}): Promise<PluginBackup | PluginDryRun> {
    return options.dryRun === true
      ? tryBackup(this.#context, type, options)
      : makeBackup(this.#context, type, options)
  }

  /** Every backup at the destination, newest first. */
  list(): Promise<ListedBackup[]> {
    return listBackups(this.#context.destination, {})
  }

  listBackups(options: ListCall = {}): Promise<ListedBackup[]> {
    return listBackups(this.#context.destination, options)
  }

  getBackupStatus(backupId: string): Promise<ListedBackup | null> {
    return backupStatus(this.#context.destination, backupId)
  }

  /** Brings a backup back. Existing records are kept unless `overwrite` or `mode` says otherwise. */
  restore(backupId: string, options: RestoreCall = {}): Promise<PluginRestore> {
    return restoreBackup(this.#context, backupId, options)
  }

  /** Checks a backup against its manifest. */
  verify(
    backupId: string,
    options: { level?: VerifyLevel; signal?: AbortSignal } = {},
  ): Promise<VerifyReport> {
    return verify({ driver: this.#context.destination.driver, id: backupId, ...options })
  }

  /** Removes a backup, its manifest first. */
  deleteBackup(backupId: string): Promise<RemoveReport> {
    return remove({ driver: this.#context.destination.driver, id: backupId })
  }

  /** Applies the retention policy. Without one nothing is removed. */
  cleanupBackups(options: CleanupCall = {}): Promise<PluginCleanup> {
    return cleanupBackups(this.#context, options)
  }

  #attach(database: Database): void {
    if (database === this.#database) return
    this.#database = database
    // The S3 client of s3db.js never answers once it is disconnected, so nothing may still be waiting for it.
    database.on(
      'disconnected',
      () => void this.#context.running.end(stopped('The database was disconnected')),
    )
  }
}
