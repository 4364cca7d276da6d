import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { BackupError } from '@s3db-backup/core'
import { parseOptions } from '@s3db-backup/core/internal'
import { type KeyFile, keyFileFormat, keyFileSchema } from './key-file-schema.js'
import { keyBytes } from './key-text.js'

/** A key file to be stored beside the parts. */
export interface StoredKeyFile {
  readonly file: string
  readonly bytes: Uint8Array
}

/** Key files are a few kilobytes. */
const largestKeyFile = 1024 * 1024

/**
 * The name of a backup's key file: `keys.json`, after the first rotation `keys.2.json`, and so on. Objects are
 * written once, so a rotation adds a file; of several the one with the highest generation inside counts.
 */
export function keyFileName(generation = 1): string {
  return generation === 1 ? 'keys.json' : `keys.${generation}.json`
}

/**
 * The key file as bytes, authenticated with the key that it holds. Throws `invalid_options` for what no reader would
 * take.
 */
export function sealKeyFile(content: Omit<KeyFile, 'format' | 'mac'>, backupKey: Uint8Array): StoredKeyFile {
  const body = { format: keyFileFormat, ...content } as const
  const file = parseOptions(
    keyFileSchema,
    { ...body, mac: macOf(body, backupKey).toString('base64') },
    { what: 'key file' },
  )
  return { file: keyFileName(content.generation), bytes: Buffer.from(`${JSON.stringify(file, null, 2)}\n`) }
}

/**
 * Reads a key file from storage. Throws `corrupt` for an invalid one or another backup's, `incompatible_format` for one
 * of a later version. {@link isGenuine} checks whether it is genuine, once it is opened.
 */
export function readKeyFile(bytes: Uint8Array, backupId: string): KeyFile {
  const json = parseJson(bytes, backupId)
  refuseLaterFormat(json, backupId)
  const parsed = keyFileSchema.safeParse(json)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw corrupt(backupId, `is not a key file: ${problems.slice(0, 3).join('; ')}`)
  }
  if (parsed.data.backupId !== backupId) throw corrupt(backupId, 'belongs to another backup')
  return parsed.data
}

/** Whether everything in the file was written by somebody who had the backup key. */
export function isGenuine({ mac, ...body }: KeyFile, backupKey: Uint8Array): boolean {
  return timingSafeEqual(Buffer.from(mac, 'base64'), macOf(body, backupKey))
}

/** The error for a key file that cannot be used. */
export function corrupt(backupId: string, why: string, cause?: unknown): BackupError {
  return new BackupError('corrupt', `The key file of backup '${backupId}' ${why}`, {
    suggestion: 'Use an earlier key file of this backup (keys.json, keys.2.json, ...), or a copy of it.',
    metadata: { backupId },
    cause,
  })
}

function macOf(body: Omit<KeyFile, 'mac'>, backupKey: Uint8Array): Buffer {
  const macKey = hkdfSync('sha512', backupKey, '', `${keyFileFormat} mac`, keyBytes)
  return createHmac('sha256', Buffer.from(macKey)).update(canonical(body)).digest()
}

/** JSON with sorted names and no spaces: one text for one value. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  )
}

function parseJson(bytes: Uint8Array, backupId: string): unknown {
  if (bytes.byteLength > largestKeyFile) throw corrupt(backupId, `is larger than ${largestKeyFile} bytes`)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw corrupt(backupId, 'is not JSON', cause)
  }
}

function refuseLaterFormat(json: unknown, backupId: string): void {
  const format = isRecord(json) ? json.format : undefined
  if (typeof format !== 'string' || format === keyFileFormat || !/^s3db-backup-keys\/\d{1,6}$/.test(format))
    return
  throw new BackupError(
    'incompatible_format',
    `The key file of backup '${backupId}' is of format ${format}; known is ${keyFileFormat}`,
    {
      metadata: { backupId },
    },
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
