import { createHmac, randomBytes } from 'node:crypto'

/** Bytes of a raw key and of a backup key: AES-256. */
export const keyBytes = 32

/**
 * A new raw key as text, to be kept where the backups are not: `base64:` and 44 characters. Everything that
 * was encrypted for it alone is lost with it.
 *
 * @example
 * ```ts
 * import { encryption, keygen } from '@s3db-backup/encryption'
 *
 * const key = keygen()
 * const encrypted = encryption({ algorithm: 'AES-256-GCM', key })
 * console.log(encrypted.recipients.map(({ id }) => id))
 * ```
 */
export function keygen(): string {
  return `base64:${randomBytes(keyBytes).toString('base64')}`
}

/** A given key: raw bytes, without a prefix also the text they were written as, or a passphrase. */
export type KeyText =
  | { readonly raw: Uint8Array; readonly text?: string | undefined }
  | { readonly passphrase: string }

/** Why a text is not a key. */
export interface Problem {
  readonly problem: string
}

/**
 * Tells raw keys and passphrases apart. A prefix decides: `base64:`, `hex:`, `passphrase:`. Without one, 64
 * hexadecimal digits and 44 characters of base64 that stand for exactly 32 bytes are a raw key; all else is a
 * passphrase.
 */
export function readKeyText(text: string): KeyText | Problem {
  if (text.startsWith('passphrase:')) return { passphrase: text.slice('passphrase:'.length) }
  if (text.startsWith('base64:')) return explicitly(fromBase64(text.slice('base64:'.length)), 'base64:')
  if (text.startsWith('hex:')) return explicitly(fromHex(text.slice('hex:'.length)), 'hex:')
  const raw = fromHex(text) ?? fromBase64(text)
  return raw === undefined ? { passphrase: text } : { raw, text }
}

/** A name for a raw key that identifies it and reveals nothing about it. */
export function rawKeyId(key: Uint8Array): string {
  return `key-${createHmac('sha256', key).update('s3db-backup key id').digest('hex').slice(0, 16)}`
}

/** Why a raw key cannot be random, if so. Among 32 random bytes, fewer than 16 differ once in 10^11. */
export function weakKey(key: Uint8Array): string | undefined {
  return new Set(key).size < 16 ? 'is not a random key; make one with keygen()' : undefined
}

function explicitly(raw: Uint8Array | undefined, prefix: string): KeyText | Problem {
  return raw === undefined
    ? { problem: `does not hold exactly ${keyBytes} bytes after "${prefix}"` }
    : { raw }
}

function fromHex(text: string): Uint8Array | undefined {
  return /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : undefined
}

/** Only the one canonical spelling: Node's decoder skips what it does not know. */
function fromBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) return undefined
  const key = Buffer.from(text, 'base64')
  return key.byteLength === keyBytes && key.toString('base64') === text ? key : undefined
}
