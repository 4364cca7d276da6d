import { createHash } from 'node:crypto'
import { abortable, type BackupError, type PutCall } from '@s3db-backup/core'
import { asBackupError, backupFailed, failedReport } from '../failure.js'
import { type Branch, type FanOut, fanOut } from '../fan-out.js'
import type { Strategy } from '../multi-driver.js'
import type { ReplicaState } from '../states/replica-state.js'

/** One object on its way to every replica of its record that was not put out. */
interface Upload {
  readonly key: string
  readonly fan: FanOut
  readonly call: PutCall
  readonly strategy: Strategy
  /** Everyone who takes part. */
  readonly record: readonly ReplicaState[]
  readonly stored: Set<ReplicaState>
  /** The replicas that already have another object under the key. */
  readonly conflicts: Map<ReplicaState, BackupError>
  /** Whether nobody else stores under the key: it is of a backup that this driver makes. */
  readonly isOwn: boolean
  /** SHA-256 of the body; nothing until it was read to its end. */
  readonly digest: () => Buffer | undefined
  /** Ends the upload everywhere, and puts nobody out. */
  readonly stop: AbortController
}

/**
 * Stores an object: the body is read once and feeds all replicas at the pace of the slowest. The record is that of a
 * backup being made, or a blank one for an object by itself.
 *
 * `all` and `priority`: the first failure puts every replica out, removes what they have on record and
 * rejects. `any`: a replica that fails is out from then on and what it had is removed; rejects once none is left. If
 * the body throws, the signal aborts or the key exists, what was stored under it is removed and the rest stays.
 *
 * `isOwn`: nobody else stores under the key. Otherwise a replica that fails keeps what it has there, unless it is this.
 */
export async function store(
  key: string,
  body: AsyncIterable<Uint8Array>,
  call: PutCall,
  strategy: Strategy,
  record: readonly ReplicaState[],
  isOwn = false,
): Promise<{ bytes: number }> {
  call.signal.throwIfAborted()
  const present = record.filter(({ out }) => !out.aborted)
  if (present.length === 0) throw failureOf({ record, conflicts: new Map(), strategy })
  const passed = counting(abortable(body, call.signal), !isOwn)
  const fan = fanOut(passed.body, present.length)
  const { digest } = passed
  const upload: Upload = { key, fan, call, strategy, record, isOwn, digest, ...noOutcomes() }

  await Promise.all(
    fan.branches.flatMap((branch, index) =>
      present.slice(index, index + 1).map((at) => storeAt(at, branch, upload)),
    ),
  )
  await fan.close()
  await settle(upload)
  call.signal.throwIfAborted()
  if (fan.broken !== undefined) throw fan.broken.error
  if (upload.stored.size === 0) throw failureOf(upload)
  return { bytes: passed.bytes() }
}

/** Stores the object at one replica and enters what became of it. A failure of its own puts the replica out. */
async function storeAt(at: ReplicaState, branch: Branch, upload: Upload): Promise<void> {
  const { key, fan, call, record, strategy, stop, isOwn } = upload
  const signal = AbortSignal.any([call.signal, at.out, stop.signal])
  try {
    const { bytes } = await at.replica.driver.put(key, branch, { ...call, signal })
    at.stored(key, bytes)
    upload.stored.add(at)
  } catch (error) {
    if (signal.aborted || fan.broken !== undefined) return
    const failure = asBackupError(error)
    if (failure.code === 'conflict') {
      upload.conflicts.set(at, failure)
      if (strategy !== 'any') stop.abort(failure)
      return
    }
    // The object may be stored although its answer was lost. But the stored object may also be another writer's.
    if (isOwn || (await hasIt(at, upload))) at.stored(key, 0)
    for (const one of strategy === 'any' ? [at] : record) one.putOut(one === at ? failure : undefined)
  } finally {
    branch.leave()
  }
}

/** Whether the replica has what was to be stored. Not, as far as is known, if it cannot be read. */
async function hasIt({ replica }: ReplicaState, { key, call, digest }: Upload): Promise<boolean> {
  const expected = digest()
  if (expected === undefined) return false
  const found = createHash('sha256')
  try {
    for await (const chunk of replica.driver.get(key, { signal: call.signal, kind: call.kind }))
      found.update(chunk)
    return found.digest().equals(expected)
  } catch {
    return false
  }
}

/** Removes what must not stay, now that every replica has answered, and leaves in `stored` who counts. */
async function settle({ key, fan, call, strategy, record, stored, conflicts }: Upload): Promise<void> {
  // A destination with a different object under this key cannot have the whole backup, if others stored ours.
  if (strategy === 'any' && stored.size > 0) for (const [at, error] of conflicts) at.putOut(error)
  const unwanted =
    call.signal.aborted || fan.broken !== undefined || (strategy !== 'any' && conflicts.size > 0)
  const kept = (at: ReplicaState) => !unwanted && !at.out.aborted
  const tidied = record.map(async (at) => {
    if (at.out.aborted) await at.clear()
    else if (stored.has(at) && unwanted) await at.takeAway(key)
  })
  await Promise.all(tidied)
  for (const at of [...stored]) if (!kept(at)) stored.delete(at)
}

function failureOf({
  record,
  conflicts,
  strategy,
}: Pick<Upload, 'record' | 'conflicts' | 'strategy'>): BackupError {
  const reports = record.map((at) => {
    const conflict = conflicts.get(at)
    return conflict === undefined ? at.report() : failedReport(at.replica, conflict)
  })
  return backupFailed(reports, strategy)
}

function noOutcomes(): Pick<Upload, 'stored' | 'conflicts' | 'stop'> {
  return { stored: new Set(), conflicts: new Map(), stop: new AbortController() }
}

function counting(chunks: AsyncIterable<Uint8Array>, isHashed: boolean) {
  let bytes = 0
  const hash = isHashed ? createHash('sha256') : undefined
  let digest: Buffer | undefined
  const count = async function* () {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength
      hash?.update(chunk)
      yield chunk
    }
    digest = hash?.digest()
  }
  return { body: count(), bytes: () => bytes, digest: () => digest }
}
