import * as z from 'zod'
import { fewestIterations, mostIterations } from './key-derivation.js'
import { mostPassphrases, mostRecipients, recipientIdSchema } from './key-file-schema.js'
import { type KeyText, keyBytes, type Problem, readKeyText, weakKey } from './key-text.js'
import { weakPassphrase } from './passphrase-strength.js'
import { type KmsClient, keyArnPattern } from './recipients/kms.js'
import { type RsaKeys, readPrivateKey, readPublicKey } from './recipients/rsa.js'

// Every problem is reported at its own field, so that one call lists them all. No message contains a value.

type Told = z.core.$RefinementCtx

/** Passes on the read value, or reports the problem. */
function readOr<T extends object>(read: T | Problem, context: Told): T {
  if (!isProblem(read)) return read
  context.addIssue({ code: 'custom', message: read.problem })
  return z.NEVER
}

const isProblem = (read: object): read is Problem => 'problem' in read

const strongPassphrase = z.string().superRefine((text, context) => {
  const weakness = weakPassphrase(text)
  if (weakness !== undefined) context.addIssue({ code: 'custom', message: `the passphrase ${weakness}` })
})

const rawBytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array)

/** A raw key or a passphrase, as the text or the bytes tell. */
const keySchema = z
  .union([z.string(), rawBytes], 'is neither a text nor a Buffer')
  .transform((key, context) => {
    const read = typeof key === 'string' ? readKeyText(key) : fromBytes(key)
    const weakness = isProblem(read) ? undefined : weaknessOf(read)
    return readOr<KeyText>(weakness === undefined ? read : { problem: weakness }, context)
  })

const rawKeySchema = keySchema.transform((key, context) =>
  readOr<RawKey>(
    'raw' in key
      ? key
      : { problem: `is not ${keyBytes} bytes in base64 or hex; a passphrase is given as passphrase` },
    context,
  ),
)

const saltSchema = z
  .string()
  .min(1, 'is empty')
  .max(1024)
  .refine(
    (salt) => salt.trim().toLowerCase() !== 'backup-salt-2024',
    'is copied from the documentation, which everyone can read; leave it out: each backup gets a random one',
  )

const keyDerivationSchema = z.discriminatedUnion(
  'algorithm',
  [
    z.strictObject({
      algorithm: z.literal('PBKDF2'),
      iterations: z
        .int()
        .min(fewestIterations, `is below ${fewestIterations}`)
        .max(mostIterations, `is above ${mostIterations}`),
      salt: saltSchema.optional(),
    }),
    z.strictObject({ algorithm: z.literal('scrypt'), salt: saltSchema.optional() }),
  ],
  'is neither PBKDF2 nor scrypt',
)

const isKmsClient = (value: unknown): value is KmsClient =>
  typeof value === 'object' &&
  value !== null &&
  ['generateDataKey', 'encrypt', 'decrypt'].every((call) => typeof Reflect.get(value, call) === 'function')

const kinds = ['passphrase', 'key', 'publicKey', 'privateKey', 'kms'] as const

const recipientSchema = z
  .strictObject({
    id: recipientIdSchema.optional(),
    passphrase: strongPassphrase.optional(),
    keyDerivation: keyDerivationSchema.optional(),
    key: rawKeySchema.optional(),
    publicKey: z
      .string()
      .transform((pem, context) => readOr<Usable>(readPublicKey(pem), context))
      .optional(),
    privateKey: z
      .union(
        [z.string(), z.strictObject({ pem: z.string(), passphrase: z.string() })],
        'is neither PEM nor { pem, passphrase }',
      )
      .transform((key, context) =>
        readOr<Usable>(
          typeof key === 'string' ? readPrivateKey(key, undefined) : readPrivateKey(key.pem, key.passphrase),
          context,
        ),
      )
      .optional(),
    kms: z
      .strictObject({
        keyArn: z
          .string()
          .regex(
            keyArnPattern,
            'is not the whole ARN of a KMS key (arn:aws:kms:<region>:<account>:key/<id>)',
          ),
        client: z.custom<KmsClient>(isKmsClient, 'has no generateDataKey, encrypt and decrypt').optional(),
      })
      .optional(),
  })
  .refine(
    (recipient) => kinds.filter((kind) => recipient[kind] !== undefined).length === 1,
    `is not exactly one of ${kinds.join(', ')}`,
  )
  .refine(
    ({ keyDerivation, passphrase }) => keyDerivation === undefined || passphrase !== undefined,
    'keyDerivation is for a passphrase',
  )

type RawKey = Extract<KeyText, { readonly raw: Uint8Array }>
type Usable = Exclude<RsaKeys, Problem>

/** The documented configuration, and beyond it `recipients`. */
export const configSchema = z
  .strictObject({
    algorithm: z
      .string()
      .refine((name) => name.toUpperCase() === 'AES-256-GCM', 'is not known; use AES-256-GCM'),
    key: keySchema.optional(),
    keyDerivation: keyDerivationSchema.optional(),
    recipients: z.array(recipientSchema).min(1, 'is empty').max(mostRecipients).optional(),
  })
  .refine(({ key, keyDerivation }) => !(keyDerivation && key && 'raw' in key && key.text === undefined), {
    path: ['keyDerivation'],
    message: 'is for a passphrase, and key is a raw key',
  })
  .refine(({ key, keyDerivation }) => keyDerivation === undefined || key !== undefined, {
    path: ['keyDerivation'],
    message: 'is for key, which is missing; recipients have their own',
  })
  .refine(
    ({ recipients = [] }) =>
      recipients.filter(({ passphrase }) => passphrase !== undefined).length < mostPassphrases,
    {
      path: ['recipients'],
      message: `has more than ${mostPassphrases - 1} passphrases`,
    },
  )

function fromBytes(bytes: Uint8Array): KeyText | Problem {
  if (bytes.byteLength !== keyBytes) return { problem: `is not ${keyBytes} bytes long` }
  return { raw: Uint8Array.from(bytes) }
}

function weaknessOf(key: KeyText): string | undefined {
  if ('raw' in key) return weakKey(key.raw)
  const weakness = weakPassphrase(key.passphrase)
  return (
    weakness &&
    `as a passphrase it ${weakness} (a raw key is ${keyBytes} bytes in base64 or hex; keygen() makes one)`
  )
}
