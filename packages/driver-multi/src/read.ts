import { BackupError, type Call, type GetCall, isBackupError } from '@s3db-backup/core'
import { wasListedWith } from './copies/listed-sizes.js'
import { destinationsFailed, failedReport, storageFailure } from './failure.js'
import type { DestinationReport, Replica } from './multi-driver.js'

/**
 * Yields an object from the first replica that has it. If a replica fails or ends early, the next one continues at the
 * byte where it stopped. A replica without `range` is read from its beginning, and the bytes that the caller already
 * has are skipped.
 *
 * `not_found` only if every replica answered that it has no such object.
 */
export async function* readAnywhere(
  replicas: readonly Replica[],
  key: string,
  call: GetCall,
): AsyncGenerator<Uint8Array> {
  const failures: DestinationReport[] = []
  let position = call.offset ?? 0
  const wanted = position + (call.length ?? Number.POSITIVE_INFINITY)
  for (const replica of replicas) {
    try {
      for await (const chunk of readWhole(replica, key, { from: position, to: wanted }, call)) {
        position += chunk.byteLength
        yield chunk
      }
      return
    } catch (error) {
      failures.push(failedReport(replica, storageFailure(error, call.signal)))
    }
  }
  throw unreadable(key, failures)
}

/** Positions of the first byte and of the one after the last; the object may end before. */
interface Piece {
  readonly from: number
  readonly to: number
}

/** A piece of the object. Throws `unavailable` if fewer bytes come than the replica says it has of it. */
async function* readWhole(
  replica: Replica,
  key: string,
  piece: Piece,
  call: GetCall,
): AsyncGenerator<Uint8Array> {
  let end = piece.from
  for await (const chunk of readFrom(replica, key, piece, call)) {
    end += chunk.byteLength
    yield chunk
  }
  if (end >= piece.to || wasListedWith(replica, key, end)) return
  const size = await sizeOf(replica, key, call)
  if (size === undefined || size === end) return
  throw new BackupError('unavailable', `${key}: the read ended after ${end} of ${size} bytes`, {
    operation: 'download',
    driver: replica.driver.name,
    metadata: { key },
  })
}

async function* readFrom(
  replica: Replica,
  key: string,
  { from, to }: Piece,
  call: GetCall,
): AsyncGenerator<Uint8Array> {
  if (from >= to) return
  const { signal, kind, reuse = false } = call
  if (replica.driver.capabilities?.range === true) {
    const length = to === Number.POSITIVE_INFINITY ? undefined : to - from
    yield* replica.driver.get(key, { signal, kind, offset: from, length, reuse })
    return
  }
  let at = 0
  for await (const chunk of replica.driver.get(key, { signal, kind, reuse })) {
    const piece = chunk.subarray(Math.max(0, from - at), Math.max(0, to - at))
    at += chunk.byteLength
    if (piece.byteLength > 0) yield piece
    if (at >= to) return
  }
}

/** The size that the replica lists; unknown if it cannot say. */
async function sizeOf({ driver }: Replica, key: string, { signal }: Call): Promise<number | undefined> {
  try {
    for await (const info of driver.list(key, { signal })) if (info.key === key) return info.bytes
  } catch (error) {
    storageFailure(error, signal)
  }
  return undefined
}

function unreadable(key: string, failures: readonly DestinationReport[]): BackupError {
  const details = { operation: 'download', driver: 'multi' } as const
  if (failures.every(({ error }) => isBackupError(error, 'not_found'))) {
    return new BackupError('not_found', `${key} is at none of the ${failures.length} destinations`, {
      ...details,
      metadata: { key, destinations: failures },
    })
  }
  // A destination that did not answer may have the object, so the answers "not found" decide nothing.
  const unanswered = failures.filter(({ error }) => !isBackupError(error, 'not_found'))
  return destinationsFailed(unanswered, details).with({ metadata: { key, destinations: failures } })
}
