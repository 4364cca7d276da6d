import type * as z from 'zod'
import { BackupError } from '../errors.js'
import { formatVersion, type Manifest } from '../manifest.js'
import { parseJsonText } from './json-text.js'
import { manifestSchema } from './manifest-schema.js'
import { isEncrypted, readPublic } from './public-manifest.js'
import { sha256 } from './sha256.js'

/** No manifest is read beyond this size: 64 MiB describe some 100,000 resources. */
export const longestManifest = 64 * 1024 * 1024

/** A manifest and the checksum that its file ends with, which also covers the hashes of all parts. */
export interface SealedManifest {
  readonly manifest: Manifest
  readonly checksum: string
}

/**
 * The bytes of a manifest file: indented JSON whose last field is the SHA-256 of everything before it. Any
 * flipped bit or cut, in a value, a name or the white space, is noticed.
 */
export function sealManifest(manifest: Manifest): { readonly bytes: Uint8Array; readonly checksum: string } {
  const parsed = manifestSchema.safeParse(manifest)
  if (!parsed.success) throw unwritable(problemsOf(parsed.error).join('; '), parsed.error)
  return sealFields(parsed.data)
}

/** The same for any fields, with a tag before the checksum if there is a key. */
export function sealFields(
  fields: object,
  authenticate?: (body: Uint8Array) => string,
): { readonly bytes: Uint8Array; readonly checksum: string } {
  const text = Buffer.from(JSON.stringify(fields, null, 2).slice(0, -'\n}'.length))
  const tag = authenticate === undefined ? '' : tagField(authenticate(text))
  const body = tag === '' ? text : Buffer.concat([text, Buffer.from(tag)])
  if (body.byteLength + sealLength > longestManifest) throw unwritable(`it has ${body.byteLength} bytes`)
  const checksum = sha256(body)
  return { bytes: Buffer.concat([body, Buffer.from(seal(checksum))]), checksum }
}

/** The tagged bytes of an encrypted manifest, and the tag. `undefined` if there is no tag at its place. */
export function taggedBody(
  bytes: Uint8Array,
): { readonly body: Uint8Array; readonly tag: string } | undefined {
  const sealed = bytes.subarray(0, -sealLength)
  const end = Buffer.from(sealed.subarray(-longestTagField)).toString('latin1')
  const match = tagPattern.exec(end)
  if (match?.[1] === undefined) return undefined
  return { body: sealed.subarray(0, sealed.byteLength - match[0].length), tag: match[1] }
}

/**
 * Reads the bytes of a manifest file; of an encrypted one, what can be read without the key. Throws `incompatible_format` for a newer format, else `corrupt`, for
 * bytes that are cut, altered, not JSON, or describe files outside the backup.
 */
export function openManifest(bytes: Uint8Array, key: string): SealedManifest {
  const json = parseJson(bytes, key)
  const checksum = sealOf(bytes)
  // Checked before the version is trusted: a flipped bit can turn a 1 into a 3.
  if (checksum !== undefined) checkSum(bytes, checksum, key)
  checkFormat(json, key)
  if (checksum === undefined) throw damagedManifest(key, 'its end is missing or altered')
  if (isEncrypted(json)) return { manifest: checked(readPublic(json), key), checksum }
  const { checksum: _, ...manifest } = checked(manifestSchema.safeParse(json), key)
  return { manifest: manifest as Manifest, checksum }
}

/** The JSON of any file that ends with a seal. Throws `corrupt` unless every byte is as it was written. */
export function openSealed(bytes: Uint8Array, key: string): unknown {
  const checksum = sealOf(bytes)
  if (checksum === undefined) throw damagedManifest(key, 'its end is missing or altered')
  checkSum(bytes, checksum, key)
  return parseJson(bytes, key)
}

/** The parsed manifest. Throws `corrupt` if it does not match the schema. */
export function checked<T>(parsed: z.ZodSafeParseResult<T>, key: string): T {
  if (parsed.success) return parsed.data
  const problems = problemsOf(parsed.error)
  throw damagedManifest(key, problems.slice(0, 10).join('; '), { problems })
}

/**
 * Whether this is one of our manifests, whole or damaged. The name `s3db.json` is also that of a database's own
 * metadata, which is JSON, but neither begins nor ends as a manifest does.
 */
export function looksLikeManifest(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 4096))
  return head.includes('"s3db-backup/') || sealOf(bytes) !== undefined || !isJson(bytes)
}

const seal = (checksum: string): string => `,\n  "checksum": "${checksum}"\n}\n`
const sealPattern = /^,\n {2}"checksum": "([0-9a-f]{64})"\n\}\n$/
const sealLength = seal('0'.repeat(64)).length

const tagField = (tag: string): string => `,\n  "tag": ${JSON.stringify(tag)}`
const tagPattern = /,\n {2}"tag": "([A-Za-z0-9+/=]{1,200})"$/
const longestTagField = tagField('0'.repeat(200)).length

/** The checksum that the file ends with, if it ends as a manifest does. */
function sealOf(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength < sealLength) return undefined
  return sealPattern.exec(Buffer.from(bytes.subarray(-sealLength)).toString('latin1'))?.[1]
}

function checkSum(bytes: Uint8Array, recorded: string, key: string): void {
  if (sha256(bytes.subarray(0, -sealLength)) === recorded) return
  throw damagedManifest(key, 'its checksum does not match')
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(textOf(bytes))
    return true
  } catch {
    return false
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

export function parseJson(bytes: Uint8Array, key: string): unknown {
  try {
    return parseJsonText(textOf(bytes))
  } catch (error) {
    throw damagedManifest(key, 'it is not JSON, or only the beginning of it', {}, error)
  }
}

function checkFormat(json: unknown, key: string): void {
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined
  const match = typeof format === 'string' ? /^s3db-backup\/([1-9]\d{0,5})$/.exec(format) : null
  if (match === null) throw damagedManifest(key, 'it does not name its format')
  if (Number(match[1]) <= formatVersion) return
  throw new BackupError(
    'incompatible_format',
    `${key} has the format ${format}; this version reads up to s3db-backup/${formatVersion}`,
    {
      operation: 'download',
      metadata: { key, format },
    },
  )
}

function problemsOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

function unwritable(why: string, cause?: unknown): BackupError {
  return new BackupError('internal', `The manifest cannot be written: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
  })
}

export function damagedManifest(key: string, why: string, metadata = {}, cause?: unknown): BackupError {
  return new BackupError('corrupt', `The manifest ${key} is damaged: ${why}`, {
    operation: 'download',
    metadata: { key, ...metadata },
    ...(cause === undefined ? {} : { cause }),
  })
}
