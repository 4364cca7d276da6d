import { createHash } from 'node:crypto'
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
  const body = JSON.stringify(manifestSchema.parse(manifest), null, 2).replace(/\n\}$/, '')
  const checksum = sha256(Buffer.from(body))
  return { bytes: Buffer.from(body + seal(checksum)), checksum }
}

/**
 * Reads the bytes of a manifest file. Throws `incompatible_format` for a newer format, else `corrupt`, for
 * bytes that are cut, altered, not JSON, or describe files outside the backup.
 */
export function openManifest(bytes: Uint8Array, key: string): SealedManifest {
  const json = parseJson(bytes, key)
  checkFormat(json, key)
  const checksum = checkSeal(bytes, key)
  const parsed = manifestSchema.safeParse(json)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw damaged(key, problems.slice(0, 10).join('; '), { problems })
  }
  const { checksum: _, ...manifest } = parsed.data
  return { manifest: manifest as Manifest, checksum }
}

/** Whether this is one of our manifests at all. The name `s3db.json` is also that of a database's own metadata. */
export function looksLikeManifest(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 4096)).includes(
    '"s3db-backup/',
  )
}

const seal = (checksum: string): string => `,\n  "checksum": "${checksum}"\n}\n`
const sealPattern = /^,\n {2}"checksum": "([0-9a-f]{64})"\n\}\n$/
const sealLength = seal('0'.repeat(64)).length

function checkSeal(bytes: Uint8Array, key: string): string {
  const bodyLength = bytes.byteLength - sealLength
  const match =
    bodyLength < 0 ? null : sealPattern.exec(Buffer.from(bytes.subarray(bodyLength)).toString('latin1'))
  const recorded = match?.[1]
  if (recorded === undefined) throw damaged(key, 'its end is missing or altered')
  if (sha256(bytes.subarray(0, bodyLength)) !== recorded) throw damaged(key, 'its checksum does not match')
  return recorded
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
  const match = typeof format === 'string' ? /^s3db-backup\/(\d{1,6})$/.exec(format) : null
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
