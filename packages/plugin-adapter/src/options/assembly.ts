import type { Database } from '@s3db-backup/s3db'
import type { ScratchFolder } from '../drill/scratch-folder.js'
import type { Destination } from './destination.js'
import type { PluginEncryption } from './plugin-encryption.js'
import type { PluginConfig } from './plugin-options.js'

/** What a plugin is assembled from: how its options become a destination. */
export interface Assembly {
  destination(config: PluginConfig, database: () => Database | undefined): Destination
  /** What the option `encryption` becomes. Throws `invalid_options`. Left out, that option is refused. */
  encryption?(configuration: unknown): PluginEncryption
  /** A new folder for the database of a drill, which nobody else may read. Left out, that database is in memory. */
  scratchFolder?(config: PluginConfig): Promise<ScratchFolder>
}
