import * as z from 'zod'
import type { JsonValue } from '../json.js'
import type { Codec } from './codec.js'
import type { Call } from './driver.js'

/** The cipher of one backup: a codec for its parts, and a way to authenticate what of the backup stays readable. */
export interface BackupCipher extends Codec {
  /** A tag of bytes that are stored unencrypted. `purpose` keeps the tags of different things apart. */
  authenticate(purpose: string, bytes: Uint8Array): string
  /** Whether the bytes are those that the tag was made of, with this backup's key. */
  isAuthentic(purpose: string, bytes: Uint8Array, tag: string): boolean
}

/** The manifest's description of the encryption, which helps to find the key. Nothing in it is secret. */
export interface EncryptionInfo {
  readonly algorithm: string
  readonly [field: string]: JsonValue
}

/** The encryption of a backup that is about to be made. */
export interface BegunEncryption {
  readonly codec: BackupCipher
  /** Contains the backup's key, wrapped. It is stored next to the parts; core does not read it. */
  readonly keyFile: { readonly file: string; readonly bytes: Uint8Array }
  readonly info: EncryptionInfo
}

/**
 * Makes the keys of backups and opens them again. Core knows no cryptography of its own: this is implemented by
 * `@s3db-backup/encryption`, or by other code.
 */
export interface Encryption {
  /** A new key for a new backup. Rejects if it cannot be wrapped for every recipient; then the backup fails. */
  begin(backupId: string, call: Call): Promise<BegunEncryption>
  /**
   * Opens a stored backup. Rejects with `undecryptable` if no key at hand is the right one, with `corrupt` if the
   * key file was altered or is another backup's.
   */
  open(stored: Call & { readonly backupId: string; readonly keyFile: Uint8Array }): Promise<BackupCipher>
}

/** For options that take an {@link Encryption}: an invalid value must not count as "no encryption". */
export const encryptionSchema = z.custom<Encryption>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    ['begin', 'open'].every((name) => typeof Reflect.get(value, name) === 'function'),
  'must be made by encryption()',
)
