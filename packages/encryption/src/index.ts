export type { BackupCodec } from './codec.js'
export {
  type EncryptionConfig,
  type EncryptionSettings,
  type KeyDerivationConfig,
  parseEncryption,
  type RecipientConfig,
} from './config.js'
export { type BegunBackup, type Encryption, type EncryptionInfo, encryption } from './encryption.js'
export { keyFileName, type StoredKeyFile } from './key-file.js'
export { keygen } from './key-text.js'
export type { Recipient, RecipientType } from './recipient.js'
export type { KmsClient, KmsKey } from './recipients/kms.js'
export { describeRecovery } from './recovery.js'
export { type RotateOptions, rotate } from './rotate.js'
