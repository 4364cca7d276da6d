import { createHash } from 'node:crypto'
import { BackupError, type Call, isBackupError, type Part } from '@s3db-backup/core'
import { objectKindOf } from '@s3db-backup/core/internal'
import { storageFailure } from '../failure.js'
import type { Replica } from '../multi-driver.js'

/** A part of a backup, and its place in the storage. */
export interface PlacedPart {
  readonly key: string
  readonly part: Part
}

export function placed(directory: string, part: Part): PlacedPart {
  return { key: `${directory}/${part.file}`, part }
}

/**
 * Reads a replica's copy of a part to its end. Resolves with what is wrong with it: `not_found` or `corrupt`;
 * `undefined` if it is sound. Rejects if it could not be read, which says nothing about the copy.
 */
export async function faultOf(
  replica: Replica,
  wanted: PlacedPart,
  call: Call,
): Promise<BackupError | undefined> {
  try {
    for await (const _ of checked(replica, wanted, call));
    return undefined
  } catch (error) {
    const failure = storageFailure(error, call.signal)
    if (failure.code === 'not_found' || failure.code === 'corrupt') return failure
    throw failure
  }
}

/**
 * Copies a part, from the first of the replicas that has a sound one. The bytes are hashed on the way and the
 * upload fails if they are not what the manifest says, so nothing wrong is ever stored. Rejects with the target's
 * failure, or with the last source's if none of them can give the part.
 */
export async function copyPart(
  from: readonly Replica[],
  to: Replica,
  wanted: PlacedPart,
  call: Call,
): Promise<void> {
  let refused: unknown = new BackupError('corrupt', `${wanted.key} is intact at no destination`, {
    operation: 'download',
    metadata: { key: wanted.key },
  })
  for (const source of from) {
    let broken: { readonly error: unknown } | undefined
    const body = async function* () {
      try {
        yield* checked(source, wanted, call)
      } catch (error) {
        broken = { error }
        throw error
      }
    }
    try {
      await to.driver.put(wanted.key, body(), { ...call, kind: objectKindOf(wanted.part) })
      return
    } catch (error) {
      call.signal.throwIfAborted()
      if (broken === undefined) throw error
      refused = error
    }
  }
  throw refused
}

/** Copies a part to a replica that may have leftovers of it, and reads it back. A sound part stays. */
export async function bringPart(
  from: readonly Replica[],
  to: Replica,
  wanted: PlacedPart,
  call: Call,
): Promise<void> {
  const fault = await faultOf(to, wanted, call)
  if (fault === undefined) return
  if (isBackupError(fault, 'corrupt')) await to.driver.delete(wanted.key, call)
  await copyPart(from, to, wanted, call)
  const stored = await faultOf(to, wanted, call)
  if (stored === undefined) return
  await to.driver.delete(wanted.key, call)
  throw stored
}

/** The bytes of a part. Throws `corrupt` at the end, or as soon as there are too many, if they are not the recorded ones. */
async function* checked(source: Replica, { key, part }: PlacedPart, call: Call): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of source.driver.get(key, { ...call, kind: objectKindOf(part) })) {
    bytes += chunk.byteLength
    if (bytes > part.bytes) break
    hash.update(chunk)
    yield chunk
  }
  if (hash.digest('hex') === part.sha256) return
  throw new BackupError('corrupt', `${key} at ${source.name} is not what was written`, {
    operation: 'download',
    driver: source.driver.name,
    metadata: { key, replica: source.name, expectedBytes: part.bytes },
  })
}
