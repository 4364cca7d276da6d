import type * as z from 'zod'
import { BackupError } from '../../errors.js'
import { formatVersion, type Manifest } from '../../manifest.js'
import { manifestSchema } from './manifest-schema.js'
import { isEncrypted, readPublic } from './public-manifest.js'
import {
  checkSeal,
  damagedManifest,
  parseJson,
  type Sealed,
  sealFields,
  sealOf,
  textOf,
  unsealed,
  unwritable,
} from './seal.js'

/** A manifest and the checksum that its file ends with, which also covers the hashes of all parts. */
export interface SealedManifest {
  readonly manifest: Manifest
  readonly checksum: string
}

/**
 * The bytes of a manifest's file. Any flipped bit or cut, in a value, a name or the white space, is noticed when it is
 * opened. Throws `internal` for a manifest that does not match the schema or is too large.
 */
export function sealManifest(manifest: Manifest): Sealed {
  const parsed = manifestSchema.safeParse(manifest)
  if (!parsed.success) throw unwritable(problemsOf(parsed.error).join('; '), parsed.error)
  return sealFields(parsed.data)
}

/**
 * Reads the bytes of a manifest's file; of an encrypted one, what can be read without the key. Throws
 * `incompatible_format` for a newer format, else `corrupt`, for bytes that are cut, altered, not JSON, or describe files
 * outside the backup.
 */
export function openManifest(bytes: Uint8Array, key: string): SealedManifest {
  const json = parseJson(bytes, key)
  const checksum = sealOf(bytes)
  // Checked before the version is trusted: a flipped bit can turn a 1 into a 3.
  if (checksum !== undefined) checkSeal(bytes, checksum, key)
  checkFormat(json, key)
  if (checksum === undefined) throw unsealed(key)
  if (isEncrypted(json)) return { manifest: checked(readPublic(json), key), checksum }
  const { checksum: _, ...manifest } = checked(manifestSchema.safeParse(json), key)
  return { manifest: manifest as Manifest, checksum }
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

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(textOf(bytes))
    return true
  } catch {
    return false
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
