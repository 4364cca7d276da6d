import type { Operation } from '../error-table.js'
import { BackupError } from '../errors.js'
import { type Driver, type GetCall, type ObjectInfo, type ObjectKind, objectKinds } from './driver.js'

/** S3's own limit, and room below the 4,096 bytes of a POSIX path. */
const longestKey = 1024

export function checkKey(key: string, operation: Operation): void {
  const segments = key.split('/')
  const escapes = segments.some((segment) => segment === '' || segment === '.' || segment === '..')
  // Backslashes, control characters and lone surrogates, which storages cannot represent.
  const odd = /[\\\p{Cc}\p{Cs}]/u.test(key)
  if (!escapes && !odd && Buffer.byteLength(key) <= longestKey) return
  throw new BackupError('invalid_options', `Invalid object key ${JSON.stringify(key)}`, {
    operation,
    metadata: { key },
  })
}

/** A driver decides by the kind, and a wrong guess costs hours or a backup: the caller has to say it. */
export function checkKind(kind: ObjectKind | undefined, key: string, operation: Operation): void {
  if (objectKinds.some((known) => known === kind)) return
  throw new BackupError(
    'invalid_options',
    `The call for ${key} does not say what kind of object it is (${JSON.stringify(kind)})`,
    {
      operation,
      suggestion: `Give call.kind, one of ${objectKinds.join(', ')}.`,
      metadata: { key, kind },
    },
  )
}

/** A driver without `range` would read from the start, and the reader would get the wrong bytes. */
export function checkRange({ offset = 0, length }: GetCall, key: string, driver: Driver): void {
  const isValid = Number.isSafeInteger(offset) && offset >= 0 && (length === undefined || isCount(length))
  const isWhole = offset === 0 && length === undefined
  if (isValid && (isWhole || driver.capabilities?.range === true)) return
  const why = isValid ? `${driver.name} reads objects whole` : 'no object has such a range'
  throw new BackupError('invalid_options', `Cannot read ${length ?? 'all'} bytes from ${offset}: ${why}`, {
    operation: 'download',
    metadata: { key, offset, length },
  })
}

const isCount = (length: number): boolean => Number.isSafeInteger(length) && length >= 1

/** The chunks; throws if there are more bytes than requested. */
export async function* checkLength(
  chunks: AsyncIterable<Uint8Array>,
  length: number,
  driver: Driver,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    if (bytes > length)
      throw new BackupError(
        'internal',
        `The driver ${driver.name} gave more than the ${length} bytes asked for`,
      )
    yield chunk
  }
}

export function checkInfo(info: ObjectInfo, prefix: string, driver: Driver): ObjectInfo {
  const { key, bytes, stamp } = info
  const isSize = Number.isSafeInteger(bytes) && bytes >= 0
  if (key.startsWith(prefix) && isSize && (stamp === undefined || isStamp(stamp))) return info
  throw new BackupError(
    'internal',
    `The driver ${driver.name} listed ${JSON.stringify(info)} below "${prefix}"`,
  )
}

const isStamp = (stamp: unknown): boolean => typeof stamp === 'string' && stamp !== ''

export function checkTime(time: unknown, driver: Driver): Date {
  if (time instanceof Date && !Number.isNaN(time.getTime())) return time
  throw new BackupError('internal', `The driver ${driver.name} gave no valid time: ${String(time)}`)
}
