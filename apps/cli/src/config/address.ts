import { fileURLToPath } from 'node:url'
import { BackupError } from '@s3db-backup/core'
import { nearest, parseOptions } from '@s3db-backup/core/internal'
import * as z from 'zod'

/** A destination as an address says it: what the plugin calls `driver` and `config`. */
export interface Addressed {
  readonly driver: 'filesystem' | 's3'
  readonly config: Readonly<Record<string, unknown>>
}

type Environment = Readonly<Record<string, string | undefined>>

/** `name:` at the beginning, of two letters or more: `C:\backups` is a path, and `./a:b` is one as well. */
const addressForm = /^([a-z][a-z0-9+.-]+):/i

const schemes = ['s3', 'file']

export function isAddress(text: string): boolean {
  return addressForm.test(text)
}

/**
 * What an address means; `undefined` for a path. `s3://bucket/prefix` is a bucket, with what else there is to say after
 * a `?` or in variables; `file:///path` is a folder. Whatever else looks like an address is refused: it must not
 * become a folder of that name.
 */
export function destinationAt(text: string, environment: Environment): Addressed | undefined {
  const [, scheme] = addressForm.exec(text) ?? []
  if (scheme === undefined) return undefined
  if (scheme === 's3' && /^s3:\/\/[^/?]/.test(text)) return s3At(text, environment)
  if (scheme === 'file' && /^file:\/\/[./~]/.test(text))
    return { driver: 'filesystem', config: { path: fileAt(text) } }
  if (schemes.includes(scheme)) throw refuse(`${scheme}: has no path after it`)
  throw refuse(`Cannot store backups at ${scheme}:${nearest(scheme, schemes)}`)
}

function fileAt(text: string): string {
  if (text.startsWith('file:///')) {
    // A template's braces are not allowed in a URL, and stay as they are.
    return fileURLToPath(text.replaceAll('{', '%7B').replaceAll('}', '%7D'))
  }
  return text.slice('file://'.length)
}

const parameters = z.strictObject({
  provider: z.string().optional(),
  region: z.string().optional(),
  endpoint: z.string().optional(),
  profile: z.string().optional(),
  storageClass: z.string().optional(),
  sse: z.string().optional(),
  kmsKeyId: z.string().optional(),
  forcePathStyle: z.stringbool().optional(),
  conditionalWrites: z.stringbool().optional(),
  requestChecksumCalculation: z.string().optional(),
  timeout: z.coerce.number().optional(),
})

function s3At(text: string, environment: Environment): Addressed {
  const [place = '', query = ''] = splitOnce(text.slice('s3://'.length), '?')
  const at = place.lastIndexOf('@')
  const [bucket = '', prefix = ''] = splitOnce(place.slice(at + 1), '/')
  if (bucket === '') throw refuse('s3: has no bucket after it')
  const given = parseOptions(parameters, Object.fromEntries(new URLSearchParams(query)), {
    what: 'parameters of the address',
  })
  const {
    endpoint = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL,
    storageClass = environment.S3DB_BACKUP_STORAGE_CLASS,
    sse: serverSideEncryption = environment.S3DB_BACKUP_SSE,
    kmsKeyId = environment.S3DB_BACKUP_KMS_KEY_ID,
    ...rest
  } = given
  const config = {
    bucket,
    path: prefix,
    ...rest,
    endpoint,
    storageClass,
    serverSideEncryption,
    kmsKeyId,
    credentials: at === -1 ? undefined : credentialsOf(place.slice(0, at)),
  }
  return {
    driver: 's3',
    config: Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)),
  }
}

function credentialsOf(userInfo: string) {
  const [accessKeyId = '', secretAccessKey = ''] = splitOnce(userInfo, ':').map(decoded)
  if (accessKeyId === '' || secretAccessKey === '') throw refuse('Write KEY:SECRET before the @')
  return { accessKeyId, secretAccessKey }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw refuse('A "%" in a key or secret must be written as %25')
  }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function refuse(message: string): BackupError {
  return new BackupError('invalid_options', message, {
    operation: 'validateConfig',
    suggestion:
      'Give a folder, s3://bucket/prefix or file:///folder. A folder whose name has a colon begins with ./',
  })
}
