import type { BackupError } from '@s3db-backup/core'
import { reportHead } from '../failure.js'
import type { DestinationReport, Replica } from '../multi-driver.js'

/** Deleting takes no body; a storage that does not answer by then will not. In ms. */
const longestCleanup = 10_000

/** What one replica holds of one backup, as far as this process stored it. */
export interface ReplicaState {
  readonly replica: Replica
  /** Aborts, with {@link leftOut}, once the replica gets no more of this backup. */
  readonly out: AbortSignal
  /** Takes the object into the record. */
  stored(key: string, bytes: number): void
  /** Excludes the replica, because of its own failure or, without one, because of another's. */
  putOut(failure?: BackupError): void
  /** Removes one object. If that fails, it is reported as a leftover. */
  takeAway(key: string): Promise<void>
  /** Removes all that is recorded, the latest first, so that a manifest goes before what it names. */
  clear(): Promise<void>
  forget(key: string): void
  holdsNothing(): boolean
  report(): DestinationReport
}

/** The reason with which uploads end at a replica that is out. */
export const leftOut = new Error('This destination gets no more of the backup.')

export function replicaState(replica: Replica): ReplicaState {
  const objects = new Map<string, number>()
  const leftovers = new Set<string>()
  const out = new AbortController()
  let failure: BackupError | undefined

  const remove = async (key: string): Promise<boolean> => {
    objects.delete(key)
    const removed = await replica.driver.delete(key, { signal: AbortSignal.timeout(longestCleanup) }).then(
      () => true,
      () => false,
    )
    if (!removed) leftovers.add(key)
    return removed
  }

  return {
    replica,
    out: out.signal,
    stored: (key, bytes) => objects.set(key, bytes),
    putOut(own) {
      failure ??= own
      out.abort(leftOut)
    },
    async takeAway(key) {
      await remove(key)
    },
    async clear() {
      for (let key = lastOf(objects); key !== undefined; key = lastOf(objects)) {
        if (await remove(key)) continue
        // The remaining objects may be parts of a manifest that is still there.
        for (const rest of objects.keys()) leftovers.add(rest)
        objects.clear()
      }
    },
    forget(key) {
      objects.delete(key)
      leftovers.delete(key)
    },
    holdsNothing: () => objects.size === 0 && leftovers.size === 0,
    report: () => ({
      ...reportHead(replica),
      status: failure !== undefined ? 'failed' : out.signal.aborted ? 'stopped' : 'success',
      ...(failure === undefined ? {} : { error: failure }),
      bytes: [...objects.values()].reduce((sum, bytes) => sum + bytes, 0),
      files: objects.size,
      ...(leftovers.size === 0 ? {} : { leftovers: [...leftovers] }),
    }),
  }
}

function lastOf(objects: ReadonlyMap<string, number>): string | undefined {
  return [...objects.keys()].at(-1)
}
