import { DatabasePlugin } from '@s3db-backup/plugin-adapter'
import type { Database } from '@s3db-backup/s3db'
import { rememberingDestination } from './destination.js'
import { encryptionOf } from './encryption.js'
import type { AnyDriver, PluginOptions } from './plugin-options.js'
import { scratchFolder } from './scratch-folder.js'

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
}

// s3db.js names a plugin after its class; a minifier must not change `db.plugins.backup`.
Object.defineProperty(BackupPlugin, 'name', { value: 'BackupPlugin' })
