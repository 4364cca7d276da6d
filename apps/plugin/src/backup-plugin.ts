import { DatabasePlugin } from '@s3db-backup/plugin-adapter'
import type { QueryOptions as OpenQueryOptions, QuerySession } from '@s3db-backup/query'
import type { Database } from '@s3db-backup/s3db'
import { rememberingDestination } from './destination.js'
import { encryptionOf } from './encryption.js'
import type { AnyDriver, PluginOptions } from './plugin-options.js'
import { scratchFolder } from './scratch-folder.js'

/** Options of one `query()` call: limits, and what ends it. */
export type QueryOptions = Omit<OpenQueryOptions, 'driver' | 'id' | 'encryption'>

/**
 * The backup plugin for s3db.js, with every official driver. `D` is the driver, read from the options.
 *
 * @example
 * ```ts
 * import { BackupPlugin } from '@s3db-backup/plugin'
 * import type { Database } from 's3db.js'
 *
 * async function protect(db: Database) {
 *   await db.connect()
 *   const backups = new BackupPlugin({ driver: 'filesystem', config: { path: './backups' } })
 *   await db.usePlugin(backups)
 *   const { id, records } = await backups.backup('full')
 *   console.log(`${id} holds ${records} records`)
 * }
 * ```
 */
export class BackupPlugin<D extends AnyDriver = 'filesystem'> extends DatabasePlugin {
  constructor(options?: PluginOptions<D> | Database) {
    super(options, { destination: rememberingDestination, encryption: encryptionOf, scratchFolder })
  }

  /**
   * Opens a backup for SQL, where it lies: its resources are tables. Needs `@duckdb/node-api`, which is installed apart.
   * What is read lies decrypted in a private folder below `tempDir` until `close()`.
   *
   * @throws BackupError what `openQuery` of `@s3db-backup/query` throws: `unsupported` if DuckDB is not installed,
   * `not_found`, `broken_chain`, `corrupt`, `undecryptable`; on abort `signal.reason`.
   */
  async query(backupId: string, options: QueryOptions = {}): Promise<QuerySession> {
    const { config, destination, encryption } = this.context
    // Loaded only now: without queries it is not needed.
    const { openQuery } = await import('@s3db-backup/query')
    const { tempDir } = config
    return openQuery({ tempDir, ...options, driver: destination.driver, id: backupId, encryption })
  }
}

// s3db.js names a plugin after its class; a minifier must not change `db.plugins.backup`.
Object.defineProperty(BackupPlugin, 'name', { value: 'BackupPlugin' })
