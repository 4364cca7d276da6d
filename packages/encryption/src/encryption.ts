import { randomBytes } from 'node:crypto'
import { type BackupCodec, backupCodec, codecId } from './codec.js'
import { type EncryptionConfig, type EncryptionSettings, parseEncryption } from './config.js'
import { type StoredKeyFile, sealKeyFile } from './key-file.js'
import { keyBytes } from './key-text.js'
import { openKeyFile } from './open-key-file.js'
import type { Recipient, Slot } from './recipient.js'

/** The manifest's description of the encryption. Nothing in it is secret. A type, because it becomes JSON. */
export type EncryptionInfo = {
  readonly algorithm: 'AES-256-GCM'
  readonly codec: string
  readonly keyFile: string
  readonly recipients: readonly {
    readonly id: string
    readonly type: string
    readonly keyDerivation?: string
  }[]
}

/** A backup that is about to be made. */
export interface BegunBackup {
  /** Encrypts the parts. */
  readonly codec: BackupCodec
  /** To be stored beside the parts, before the manifest. */
  readonly keyFile: StoredKeyFile
  /** For the manifest. */
  readonly info: EncryptionInfo
}

/** Encrypts and decrypts backups for a set of recipients. It shows no secret, whatever prints it. */
export interface Encryption {
  readonly recipients: readonly Recipient[]
  /** Weaknesses of the configuration that were accepted, in sentences for a log. */
  readonly warnings: readonly string[]
  /**
   * Makes a backup key for a new backup and wraps it for every recipient. Rejects, so that the backup fails, if it
   * cannot be wrapped for one of them: `unavailable` and `permission_denied` are from KMS.
   */
  begin(backupId: string, call?: { readonly signal?: AbortSignal | undefined }): Promise<BegunBackup>
  /**
   * Opens a stored backup with whichever key is at hand. Rejects with `undecryptable` when none is right,
   * `corrupt` when the key file was altered or is another backup's, `incompatible_format` when it is newer.
   */
  open(backup: {
    readonly backupId: string
    readonly keyFile: Uint8Array
    readonly signal?: AbortSignal | undefined
  }): Promise<BackupCodec>
}

/**
 * Client-side encryption: what leaves this process can be read by the recipients only. Takes the documented
 * configuration, or what {@link parseEncryption} made of it; throws `invalid_options` as that does.
 *
 * @example
 * ```ts
 * import { encryption, keygen } from '@s3db-backup/encryption'
 *
 * const encrypted = encryption({ algorithm: 'AES-256-GCM', key: keygen() })
 * const { codec, keyFile } = await encrypted.begin('full-2024-03-15T14-30-45-abc123')
 * const reading = await encrypted.open({ backupId: 'full-2024-03-15T14-30-45-abc123', keyFile: keyFile.bytes })
 * console.log(codec.id === reading.id)
 * ```
 */
export function encryption(config: EncryptionConfig | EncryptionSettings): Encryption {
  const { recipients, warnings } = 'warnings' in config ? config : parseEncryption(config)
  return {
    recipients,
    warnings,
    async begin(backupId, call = {}) {
      const backupKey = randomBytes(keyBytes)
      const slots = await wrapFor(recipients, backupKey, { backupId, signal: call.signal ?? never() })
      const keyFile = sealKeyFile({ backupId, generation: 1, recipients: slots }, backupKey)
      return { codec: backupCodec(backupKey), keyFile, info: infoOf(keyFile.file, slots) }
    },
    async open({ backupId, keyFile, signal }) {
      const { backupKey } = await openKeyFile(keyFile, recipients, { backupId, signal: signal ?? never() })
      return backupCodec(backupKey)
    },
  }
}

/** Wraps one after the other: each passphrase takes 128 MiB while it is stretched. */
export async function wrapFor(
  recipients: readonly Recipient[],
  backupKey: Uint8Array,
  call: { readonly backupId: string; readonly signal: AbortSignal },
): Promise<Slot[]> {
  const slots: Slot[] = []
  for (const recipient of recipients) {
    call.signal.throwIfAborted()
    slots.push(await recipient.wrap(backupKey, call))
  }
  return slots
}

function infoOf(keyFile: string, slots: readonly Slot[]): EncryptionInfo {
  return {
    algorithm: 'AES-256-GCM',
    codec: codecId,
    keyFile,
    recipients: slots.map(({ id, type, params }) => ({
      id,
      type,
      ...(typeof params.kdf === 'string' ? { keyDerivation: params.kdf } : {}),
    })),
  }
}

/** A signal for those who give none. */
export function never(): AbortSignal {
  return new AbortController().signal
}
