import { BackupError, type Encryption } from '@s3db-backup/core'
import type { Assembly } from './database-plugin.js'
import type { PluginConfig } from './plugin-options.js'

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

/** What the option `encryption` comes to; nothing if it was not given. Never goes on without what was asked for. */
export function encryptionOf(
  { encryption }: Pick<PluginConfig, 'encryption'>,
  assembly: Pick<Assembly, 'encryption'>,
): PluginEncryption | undefined {
  if (encryption === undefined || encryption === null) return undefined
  if (assembly.encryption !== undefined) return assembly.encryption(encryption)
  throw new BackupError('unsupported', 'This plugin was assembled without encryption', {
    operation: 'validateConfig',
    suggestion: 'Use BackupPlugin of @s3db-backup/plugin.',
  })
}

/** The configuration without what opens backups: it is shown to whoever asks the plugin for it. */
export function withoutKeys(config: PluginConfig): PluginConfig {
  const { encryption } = config
  if (encryption === undefined || encryption === null) return config
  return { ...config, encryption: { algorithm: encryption.algorithm } }
}

/** For core's options: there is no option `encryption: undefined`. */
export function encrypting({ encryption }: { readonly encryption?: PluginEncryption | undefined }): {
  readonly encryption?: PluginEncryption
} {
  return encryption === undefined ? {} : { encryption }
}

export function noEncryption(): BackupError {
  return new BackupError('invalid_options', 'The plugin has no encryption configured', {
    suggestion: 'Give the plugin the option encryption with the key that opens the backup now.',
  })
}
