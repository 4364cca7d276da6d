import type { Policy } from '@s3db-backup/retention'
import type { Database } from '@s3db-backup/s3db'
import type { ScratchFolder } from '../drill/scratch-folder.js'
import type { Announce, Logger } from '../events/announce.js'
import type { Destination } from '../options/destination.js'
import type { PluginEncryption } from '../options/plugin-encryption.js'
import type { PluginConfig } from '../options/plugin-options.js'
import type { Failures } from './failures.js'
import type { Running } from './running.js'

/** What the plugin's methods share. */
export interface PluginContext {
  readonly config: PluginConfig
  readonly destination: Destination
  /** Encrypts new backups and opens those that are encrypted. */
  readonly encryption?: PluginEncryption | undefined
  /** Which backups are kept. Keeps everything if no policy was given. */
  readonly policy: Policy
  readonly running: Running
  /** Makes a folder for the database of a drill. Left out, that database is in memory. */
  readonly scratchFolder?: ((config: PluginConfig) => Promise<ScratchFolder>) | undefined
  readonly announce: Announce
  /** The database, if the plugin is installed in one. */
  database(): Database | undefined
  logger(): Logger | undefined
  /** The error of a backup of this process that failed, by its id. */
  readonly failures: Failures
}
