import { encryption, parseEncryption, rotate } from '@s3db-backup/encryption'
import type { PluginEncryption } from '@s3db-backup/plugin-adapter'

/** The documented option `encryption`, ready to be used. Throws one `invalid_options` for all that is wrong. */
export function encryptionOf(configuration: unknown): PluginEncryption {
  const open = encryption(parseEncryption(configuration))
  return {
    warnings: open.warnings,
    begin: (backupId, call) => open.begin(backupId, call),
    open: (stored) => open.open(stored),
    async rotate(next, { keepOld, ...stored }) {
      const recipients = encryption(parseEncryption(next))
      return rotate({ ...stored, open, recipients, keep: keepOld ? 'all' : undefined })
    },
  }
}
