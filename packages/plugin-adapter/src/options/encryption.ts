import { BackupError } from '@s3db-backup/core'
import type { Assembly, PluginEncryption } from './assembly.js'
import type { PluginConfig } from './plugin-options.js'

/**
 * Converts the option `encryption`; `undefined` if it was not given. Never continues without a requested encryption.
 */
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

/** The configuration without what opens backups: it is shown to every caller. */
export function withoutKeys(config: PluginConfig): PluginConfig {
  const { encryption } = config
  if (encryption === undefined || encryption === null) return config
  return { ...config, encryption: { algorithm: encryption.algorithm } }
}

/** For core's options: there is no option `encryption: undefined`. */
export function encrypting({ encryption }: { readonly encryption?: PluginEncryption | undefined }): {
  readonly encryption?: PluginEncryption | undefined
} {
  return encryption === undefined ? {} : { encryption }
}
