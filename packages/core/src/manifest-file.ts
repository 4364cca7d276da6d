import { createHash } from 'node:crypto'
import type * as z from 'zod'
import { BackupError } from './errors.js'
import { formatVersion, type Manifest, manifestSchema } from './manifest.js'

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
  const body = Buffer.from(JSON.stringify(parsed.data, null, 2).slice(0, -'\n}'.length))
  if (body.byteLength + sealLength > longestManifest) throw unwritable(`it has ${body.byteLength} bytes`)
  const checksum = sha256(body)
  return { bytes: Buffer.concat([body, Buffer.from(seal(checksum))]), checksum }
}

/**
 * Reads the bytes of a manifest file. Throws `incompatible_format` for a newer format, else `corrupt`, for
 * bytes that are cut, altered, not JSON, or describe files outside the backup.
 */
export function openManifest(bytes: Uint8Array, key: string): SealedManifest {
  const json = parseJson(bytes, key)
  const checksum = sealOf(bytes)
  // Before the format is believed: a flipped bit can make a 1 a 3.
  if (checksum !== undefined) checkSum(bytes, checksum, key)
  checkFormat(json, key)
  if (checksum === undefined) throw damaged(key, 'its end is missing or altered')
  const parsed = manifestSchema.safeParse(json)
  if (!parsed.success) {
    const problems = problemsOf(parsed.error)
    throw damaged(key, problems.slice(0, 10).join('; '), { problems })
  }
  const { checksum: _, ...manifest } = parsed.data
  return { manifest: manifest as Manifest, checksum }
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

/** The checksum that the file ends with, if it ends as a manifest does. */
function sealOf(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength < sealLength) return undefined
  return sealPattern.exec(Buffer.from(bytes.subarray(-sealLength)).toString('latin1'))?.[1]
}

function checkSum(bytes: Uint8Array, recorded: string, key: string): void {
  if (sha256(bytes.subarray(0, -sealLength)) === recorded) return
  throw damaged(key, 'its checksum does not match')
}

function isJson(bytes: Uint8Array): boolean {
  try {
    parseJson(bytes, '')
    return true
  } catch {
    return false
  }
}

function parseJson(bytes: Uint8Array, key: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw damaged(key, 'it is not JSON, or only the beginning of it', {}, error)
  }
}

function checkFormat(json: unknown, key: string): void {
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined
  const match = typeof format === 'string' ? /^s3db-backup\/([1-9]\d{0,5})$/.exec(format) : null
  if (match === null) throw damaged(key, 'it does not name its format')
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

function damaged(key: string, why: string, metadata = {}, cause?: unknown): BackupError {
  return new BackupError('corrupt', `The manifest ${key} is damaged: ${why}`, {
    operation: 'download',
    metadata: { key, ...metadata },
    ...(cause === undefined ? {} : { cause }),
  })
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
