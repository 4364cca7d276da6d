import { BackupError, type Call, type GetCall, isBackupError } from '@s3db-backup/core'
import { destinationsFailed, failedReport, storageFailure } from './failure.js'
import type { DestinationReport, Replica } from './multi-driver.js'

/**
 * Yields an object from the first replica that has it. If a replica fails or ends early, the next one goes on
 * at the very byte where it stopped. A replica without `range` is read from its beginning and what the
 * caller has already is passed over.
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
  for (const replica of replicas) {
    try {
      for await (const chunk of readWhole(replica, key, position, call)) {
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

/** The object from `position` on. Throws `unavailable` if fewer bytes come than the replica says it has. */
async function* readWhole(
  replica: Replica,
  key: string,
  position: number,
  call: GetCall,
): AsyncGenerator<Uint8Array> {
  let end = position
  for await (const chunk of readFrom(replica, key, position, call)) {
    end += chunk.byteLength
    yield chunk
  }
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
  position: number,
  call: GetCall,
): AsyncGenerator<Uint8Array> {
  const { signal, kind, reuse = false } = call
  if (replica.driver.capabilities?.range === true) {
    yield* replica.driver.get(key, { signal, kind, offset: position, reuse })
    return
  }
  let toSkip = position
  for await (const chunk of replica.driver.get(key, { signal, kind, reuse })) {
    const skipped = Math.min(toSkip, chunk.byteLength)
    toSkip -= skipped
    if (skipped < chunk.byteLength) yield chunk.subarray(skipped)
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
  // One that could not be asked may have it, so those that have not decide nothing.
  const unanswered = failures.filter(({ error }) => !isBackupError(error, 'not_found'))
  return destinationsFailed(unanswered, details).with({ metadata: { key, destinations: failures } })
}
