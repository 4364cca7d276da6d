import type { Encryption } from '@s3db-backup/core'

/** The key file that replaces another. */
export interface NewKeyFile {
  readonly file: string
  readonly bytes: Uint8Array
}

/** Encryption as the plugin uses it. Made from the documented option by whoever assembles the plugin. */
export interface PluginEncryption extends Encryption {
  /** What is weak in the configuration and was accepted, in sentences for a log. */
  readonly warnings: readonly string[]
  /** The key file for another configuration, from one that this encryption opens. */
  rotate(
    configuration: unknown,
    stored: { readonly backupId: string; readonly keyFile: Uint8Array; readonly signal: AbortSignal },
  ): Promise<NewKeyFile>
}
