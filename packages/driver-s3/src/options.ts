import type { S3Client } from '@aws-sdk/client-s3'
import type { DriverCapabilities, OnWarning } from '@s3db-backup/core'
import { parseOptions } from '@s3db-backup/core/internal'
import * as z from 'zod'
import { checkProvider, type Provider, providers, withProvider } from './providers.js'
import { type StorageClass, storageClasses } from './storage-class.js'

/** Where backups are kept in S3, and how. Only `bucket` has no default. */
export interface S3Options {
  readonly bucket: string
  /** Sets what this provider of S3-compatible storage needs and was not said. */
  readonly provider?: Provider | undefined
  /** Everything is stored below `<prefix>/`. Empty (the default): at the top of the bucket. */
  readonly prefix?: string | undefined
  /** The bucket's region. Default: what the environment says (`AWS_REGION`), or `us-east-1` with an `endpoint`. */
  readonly region?: string | undefined
  /** The URL of an S3-compatible server. Default: AWS. */
  readonly endpoint?: string | undefined
  /** The profile of the AWS configuration files that the keys come from. Default: `AWS_PROFILE`. Excludes `credentials`. */
  readonly profile?: string | undefined
  /** Keys, or a function that gives them. Default: what the AWS SDK finds (environment, profile, role). */
  readonly credentials?: S3Credentials | undefined
  /** `host/bucket/key` instead of `bucket.host/key`. Default: true with an `endpoint`, else false. */
  readonly forcePathStyle?: boolean | undefined
  /**
   * For the parts. Manifests, key indexes, key files, notes, leases and reports stay readable at once. Default: the
   * bucket's.
   */
  readonly storageClass?: StorageClass | undefined
  readonly serverSideEncryption?: 'AES256' | 'aws:kms' | 'aws:kms:dsse' | undefined
  /** The KMS key's id or ARN; needs one of the two KMS encryptions. Default: the account's own S3 key. */
  readonly kmsKeyId?: string | undefined
  /** A key of 32 bytes, in base64, that the server encrypts with and does not keep (SSE-C). */
  readonly sseCustomerKey?: string | undefined
  /** An `S3Client` of the AWS SDK v3 to use instead of one of our own. It is not closed by the driver. */
  readonly client?: S3Client | undefined
  /** Object tags, name to value. */
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** Keeps every object from being deleted, until a date, or for a number of days (of 24 h) after its upload. */
  readonly objectLock?:
    | { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly retainUntil: Date }
    | { readonly mode: 'GOVERNANCE' | 'COMPLIANCE'; readonly days: number }
    | undefined
  /** Size of a part of a multipart upload, in bytes: 5 MiB to 5 GiB, default 8 MiB. An object has up to 10,000 parts. */
  readonly partSize?: number | undefined
  /**
   * How many parts of one object are under way at once, while another one fills; each takes `partSize` of memory.
   * Default 3.
   */
  readonly queueSize?: number | undefined
  /**
   * Whether uploads carry checksums for the server to compare: `WHEN_SUPPORTED` always, `WHEN_REQUIRED` not. Default:
   * they do; if the server refuses them, the driver continues without and warns once.
   */
  readonly requestChecksumCalculation?: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED' | undefined
  /**
   * Whether each object is created only if its key is free (`If-None-Match: *`): `true` always, `false` never, the
   * driver checks first instead. Default: always; if the server refuses it, the driver checks first and warns once.
   */
  readonly conditionalWrites?: boolean | undefined
  /** Told once of each thing that this server does not take. */
  readonly onWarning?: OnWarning | undefined
  /** How long a connection may be silent before it counts as broken, in ms. Default 60,000. */
  readonly timeout?: number | undefined
}

/** Keys, or a function that gives (and renews) them: any credential provider of the AWS SDK. */
export type S3Credentials =
  | {
      readonly accessKeyId: string
      readonly secretAccessKey: string
      readonly sessionToken?: string | undefined
    }
  | CredentialProvider

/** Written out, so that the declarations of this package name no other package than the SDK's client. */
type CredentialProvider = () => Promise<{
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}>

/** Options that were checked, with their defaults. */
export type CheckedOptions = z.output<typeof schema>

const mebibyte = 1024 * 1024
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const maxParts = 10_000

const text = z.string().min(1, 'must not be empty')
const lockMode = z.enum(['GOVERNANCE', 'COMPLIANCE'])

const schema = z
  .strictObject({
    bucket: text,
    provider: z.enum(providers).optional(),
    prefix: z
      .string()
      .default('')
      .transform((prefix) => prefix.replace(/^\/+|\/+$/g, '')),
    region: text.optional(),
    endpoint: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    profile: text.optional(),
    credentials: z
      .union([
        z.custom<CredentialProvider>((value) => typeof value === 'function'),
        z.object({ accessKeyId: text, secretAccessKey: text, sessionToken: text.optional() }),
      ])
      .optional(),
    forcePathStyle: z.boolean().optional(),
    storageClass: z.enum(storageClasses).optional(),
    serverSideEncryption: z.enum(['AES256', 'aws:kms', 'aws:kms:dsse']).optional(),
    kmsKeyId: text.optional(),
    sseCustomerKey: z
      .string()
      .refine((key) => Buffer.from(key, 'base64').byteLength === 32, 'must be 32 bytes in base64')
      .optional(),
    client: z.custom<S3Client>(isClient, 'must be an S3Client of the AWS SDK v3').optional(),
    tags: z.record(z.string().min(1).max(128), z.string().max(256)).optional(),
    objectLock: z
      .union([
        z.strictObject({ mode: lockMode, retainUntil: z.date() }),
        z.strictObject({ mode: lockMode, days: z.int().min(1).max(36_500) }),
      ])
      .optional(),
    partSize: z
      .int()
      .min(5 * mebibyte)
      .max(5 * 1024 * mebibyte)
      .default(8 * mebibyte),
    queueSize: z.int().min(1).max(64).default(3),
    requestChecksumCalculation: z.enum(['WHEN_SUPPORTED', 'WHEN_REQUIRED']).optional(),
    conditionalWrites: z.boolean().optional(),
    onWarning: z.custom<OnWarning>((value) => typeof value === 'function', 'must be a function').optional(),
    timeout: z.int().min(100).default(60_000),
  })
  .refine(
    ({ kmsKeyId, serverSideEncryption }) =>
      kmsKeyId === undefined || serverSideEncryption?.startsWith('aws:kms'),
    {
      path: ['kmsKeyId'],
      error: "needs serverSideEncryption 'aws:kms' or 'aws:kms:dsse'",
    },
  )
  .refine(({ profile, credentials }) => !(profile && credentials), {
    path: ['profile'],
    error: 'excludes credentials',
  })
  .refine(({ sseCustomerKey, serverSideEncryption }) => !(sseCustomerKey && serverSideEncryption), {
    path: ['sseCustomerKey'],
    error: 'excludes serverSideEncryption',
  })
  .refine(
    ({ client, ...own }) => client === undefined || clientSettings.every((name) => own[name] === undefined),
    {
      path: ['client'],
      error:
        'a client brings its own provider, region, endpoint, credentials, profile, forcePathStyle and requestChecksumCalculation',
    },
  )
  .transform(withProvider)
  .superRefine(checkProvider)

const clientSettings = [
  'provider',
  'region',
  'endpoint',
  'credentials',
  'profile',
  'forcePathStyle',
  'requestChecksumCalculation',
] as const

/**
 * Checks options from outside; what it gives, `s3` takes. Throws `invalid_options` that names every problem, never a
 * value.
 */
export function parseS3Options(options: unknown): CheckedOptions {
  return parseOptions(schema, options, { what: 'S3 options', driver: 's3' })
}

/** The capabilities of the driver beyond the contract. */
export function s3Capabilities({ partSize }: Pick<CheckedOptions, 'partSize'>): DriverCapabilities {
  return { range: true, maxObjectBytes: partSize * maxParts }
}

function isClient(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'send' in value &&
    typeof value.send === 'function' &&
    'config' in value
  )
}
