import type { Encryption, OnWarning } from '@s3db-backup/core'
import type { Database } from '@s3db-backup/s3db'
import type { Destination } from './destination.js'
import type { PluginConfig } from './plugin-options.js'

/** The pieces of a plugin, such as how its options become a destination. */
export interface Assembly {
  destination(
    config: PluginConfig,
    database: () => Database | undefined,
    /** To be given to the drivers: what they warn of becomes an event. */
    onWarning: OnWarning,
  ): Destination
  /** Converts the option `encryption`. Throws `invalid_options`. Without this function that option is refused. */
  encryption?(configuration: unknown): PluginEncryption
  /** A new folder for the database of a drill, which only this user may read. Left out, that database is in memory. */
  scratchFolder?(config: PluginConfig): Promise<ScratchFolder>
}

/** The key file that replaces another. */
export interface NewKeyFile {
  readonly file: string
  readonly bytes: Uint8Array
}

/** Encryption as the plugin uses it. Made from the documented option by the code that assembles the plugin. */
export interface PluginEncryption extends Encryption {
  /** Weaknesses of the configuration that were accepted, in sentences for a log. */
  readonly warnings: readonly string[]
  /** The key file for another configuration, from one that this encryption opens. */
  rotate(
    configuration: unknown,
    stored: {
      readonly backupId: string
      readonly keyFile: Uint8Array
      readonly signal: AbortSignal
      /** Whether the keys that open it now open the new one, too. */
      readonly keepOld: boolean
    },
  ): Promise<NewKeyFile>
}

/** A folder for a database that is there for a drill alone. */
export interface ScratchFolder {
  readonly path: string
  /** Removes it and everything in it. */
  remove(): Promise<void>
}
