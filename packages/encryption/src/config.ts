import { BackupError } from '@s3db-backup/core'
import { parseOptions } from '@s3db-backup/core/internal'
import type * as z from 'zod'
import { configSchema } from './config-schema.js'
import { advisedIterations, type KeyDerivationChoice } from './key-derivation.js'
import type { Recipient } from './recipient.js'
import { type KmsKey, kmsRecipient } from './recipients/kms.js'
import { passphraseRecipient } from './recipients/passphrase.js'
import { rawKeyRecipient } from './recipients/raw-key.js'
import { rsaRecipient } from './recipients/rsa.js'

/**
 * How a passphrase is stretched. scrypt unless PBKDF2 is requested. The salt is optional: a random one is always used.
 */
export type KeyDerivationConfig = KeyDerivationChoice

/** One who can open the backups: exactly one of the five, and an `id` to be known by in the key file. */
export type RecipientConfig = { readonly id?: string | undefined } & (
  | { readonly passphrase: string; readonly keyDerivation?: KeyDerivationConfig | undefined }
  | { readonly key: string | Uint8Array }
  | { readonly publicKey: string }
  | { readonly privateKey: string | { readonly pem: string; readonly passphrase: string } }
  | { readonly kms: KmsKey }
)

/** The documented option `encryption`, and beyond it `recipients`. At least one of `key` and `recipients` is needed. */
export interface EncryptionConfig {
  /** The only one there is. */
  readonly algorithm: 'AES-256-GCM'
  /**
   * A passphrase, or a raw key of 32 bytes: a Buffer, `base64:...`, `hex:...`, 64 hexadecimal digits, or 44
   * characters of base64. `passphrase:...` makes any text a passphrase; so does a `keyDerivation` for a text without prefix.
   */
  readonly key?: string | Uint8Array | undefined
  /** How `key` is stretched if it is a passphrase. */
  readonly keyDerivation?: KeyDerivationConfig | undefined
  /** Who else can open the backups, besides the holders of `key`. */
  readonly recipients?: readonly RecipientConfig[] | undefined
}

/** A configuration that was checked. Its secrets are inside the recipients and show nowhere. */
export interface EncryptionSettings {
  readonly recipients: readonly Recipient[]
  /** Weaknesses that were accepted. */
  readonly warnings: readonly string[]
}

/**
 * Checks a configuration of encryption. Throws one `invalid_options` that names every problem; values are never
 * in it. A weak passphrase, PBKDF2 below 100,000 iterations and the documentation's own salt are refused.
 *
 * @example
 * ```ts
 * import { parseEncryption } from '@s3db-backup/encryption'
 *
 * const { warnings } = parseEncryption({
 *   algorithm: 'AES-256-GCM',
 *   key: 'a long text that only you would write',
 *   keyDerivation: { algorithm: 'PBKDF2', iterations: 100_000 },
 * })
 * console.log(warnings)
 * ```
 */
export function parseEncryption(config: unknown): EncryptionSettings {
  refuseIncomplete(config)
  const parsed = parseOptions(configSchema, config, { what: 'encryption' })
  const recipients = [...ofKey(parsed), ...(parsed.recipients ?? []).map(recipientOf)]
  refuseTwins(recipients)
  return { recipients, warnings: warningsOf(parsed) }
}

type Parsed = z.output<typeof configSchema>
type ParsedRecipient = NonNullable<Parsed['recipients']>[number]

/** A key from an environment variable that is not set arrives here as nothing or as an empty text. */
function refuseIncomplete(config: unknown): void {
  const given: object = typeof config === 'object' && config !== null ? config : {}
  const has = (name: string) => ![undefined, null, ''].includes(Reflect.get(given, name))
  if (has('algorithm') && (has('key') || has('recipients'))) return
  throw new BackupError('invalid_options', 'Encryption requires both key and algorithm', {
    operation: 'validateConfig',
    suggestion:
      "Give encryption: { algorithm: 'AES-256-GCM', key }; if the key comes from an environment variable, see that it is set.",
  })
}

function ofKey({ key, keyDerivation }: Parsed): Recipient[] {
  if (key === undefined) return []
  if ('passphrase' in key)
    return [passphraseRecipient(key.passphrase, keyDerivation ?? { algorithm: 'scrypt' })]
  if (key.text === undefined || keyDerivation === undefined) return [rawKeyRecipient(key.raw)]
  return [passphraseRecipient(key.text, keyDerivation)]
}

function recipientOf({
  id,
  passphrase,
  keyDerivation,
  key,
  publicKey,
  privateKey,
  kms,
}: ParsedRecipient): Recipient {
  if (passphrase !== undefined)
    return passphraseRecipient(passphrase, keyDerivation ?? { algorithm: 'scrypt' }, id)
  if (key !== undefined) return rawKeyRecipient(key.raw, id)
  if (kms !== undefined) return kmsRecipient(kms, id)
  const rsa = privateKey ?? publicKey
  if (rsa !== undefined) return rsaRecipient(rsa, id)
  throw new BackupError('internal', 'A recipient without a key passed the check')
}

/**
 * Refuses recipients with the same id. A passphrase without an id gets a random one each time, so two of them never
 * collide.
 */
function refuseTwins(recipients: readonly Recipient[]): void {
  const ids = recipients
    .filter(({ type, id }) => !(type === 'passphrase' && id === 'passphrase'))
    .map(({ id }) => id)
  const twice = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))]
  if (twice.length === 0) return
  throw new BackupError(
    'invalid_options',
    `Invalid encryption: recipients: ${twice.join(', ')} is there twice`,
    { operation: 'validateConfig' },
  )
}

function warningsOf({ keyDerivation, recipients = [] }: Parsed): string[] {
  const derivations = [keyDerivation, ...recipients.map((recipient) => recipient.keyDerivation)]
  const weak = derivations.flatMap((chosen) =>
    chosen?.algorithm === 'PBKDF2' && chosen.iterations < advisedIterations ? [chosen.iterations] : [],
  )
  return weak.map(
    (iterations) =>
      `PBKDF2 with ${iterations} iterations is weaker than advised: use ${advisedIterations} or more, or scrypt.`,
  )
}
