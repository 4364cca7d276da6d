import { abortable, BackupError, type PutCall } from '@s3db-backup/core'
import { collect, once, readObject } from '../copies/object-copy.js'
import { asBackupError, backupFailed, failedReport } from '../failure.js'
import type { Strategy } from '../multi-driver.js'
import { isSomethingElse } from '../states/in-the-way.js'
import type { ReplicaState } from '../states/replica-state.js'

/**
 * Stores the note with which a backup claims its directory: at one replica after the other, always in the same order.
 * So of two that come at once the first replica that both reach lets one go on. A replica that has another's note
 * already decides against this one, whatever the strategy: two backups of one id, each whole at another
 * replica, would be taken for copies of one. Other failures count as for any object.
 *
 * @throws BackupError `conflict` if the directory is another's. Nothing of this note remains then.
 */
export async function claim(
  key: string,
  body: AsyncIterable<Uint8Array>,
  call: PutCall,
  strategy: Strategy,
  record: readonly ReplicaState[],
): Promise<{ bytes: number }> {
  const bytes = await collect(abortable(body, call.signal))
  const stored: ReplicaState[] = []
  for (const at of record) {
    const failure = await claimAt(at, key, bytes, call)
    if (failure === undefined) {
      at.stored(key, bytes.byteLength)
      stored.push(at)
      continue
    }
    const isOver = call.signal.aborted || failure.code === 'conflict' || strategy !== 'any'
    if (isOver) await Promise.all(stored.map((one) => one.takeAway(key)))
    call.signal.throwIfAborted()
    if (failure.code === 'conflict') throw backupFailed([failedReport(at.replica, failure)], strategy)
    // The object may be stored although its answer was lost. But the stored object may also be another writer's.
    if (await holds(at, key, bytes, call)) await at.takeAway(key)
    for (const one of isOver ? record : [at]) one.putOut(one === at ? failure : undefined)
    if (isOver) break
  }
  if (record.every(({ out }) => out.aborted))
    throw backupFailed(
      record.map((at) => at.report()),
      strategy,
    )
  return { bytes: bytes.byteLength }
}

/** Why the note could not be stored; `conflict` only for another's. */
async function claimAt(
  at: ReplicaState,
  key: string,
  bytes: Uint8Array,
  call: PutCall,
): Promise<BackupError | undefined> {
  const failure = await put(at, key, bytes, call)
  if (
    failure === undefined ||
    !(await isSomethingElse(at.replica.driver, failure, { signal: call.signal, kind: call.kind }))
  )
    return failure
  const { message, operation, driver, suggestion, metadata } = failure
  return new BackupError('unavailable', message, { operation, driver, suggestion, metadata, cause: failure })
}

function put(
  { replica }: ReplicaState,
  key: string,
  bytes: Uint8Array,
  call: PutCall,
): Promise<BackupError | undefined> {
  return replica.driver.put(key, once(bytes), call).then(() => undefined, asBackupError)
}

/** Whether the object is stored as given; `false` if it cannot be read. */
async function holds(
  { replica }: ReplicaState,
  key: string,
  bytes: Uint8Array,
  call: PutCall,
): Promise<boolean> {
  return readObject(replica, key, { signal: call.signal, kind: call.kind }).then(
    (found) => found.equals(bytes),
    () => false,
  )
}
