import { abortable, BackupError, type Call } from '@s3db-backup/core'
import { asBackupError, backupFailed } from './failure.js'
import { type Branch, type FanOut, fanOut } from './fan-out.js'
import { directoryOf, type Ledger } from './ledger.js'
import type { DestinationReport, Strategy } from './multi-driver.js'
import type { Standing } from './standing.js'

/** One object on its way to every replica that is still whole for its backup. */
interface Upload {
  readonly key: string
  readonly fan: FanOut
  readonly call: Call
  /** Everyone who takes part in the backup. */
  readonly record: readonly Standing[]
  readonly strategy: Strategy
}

/**
 * Stores an object: the body is read once and feeds all replicas at the pace of the slowest.
 *
 * `all` and `priority`: the first failure ends the backup at every replica, removes what they have of it and
 * rejects. `any`: a replica that fails is out for the rest of this backup and what it had is removed; rejects
 * once none is left. If the body throws or the signal aborts, the object is removed wherever it was stored.
 */
export async function store(
  key: string,
  body: AsyncIterable<Uint8Array>,
  call: Call,
  strategy: Strategy,
  ledger: Ledger,
): Promise<{ bytes: number }> {
  call.signal.throwIfAborted()
  const record = ledger.open(directoryOf(key))
  const present = record.filter(({ out }) => !out.aborted)
  if (present.length === 0) throw backupFailed(reports(record))
  const passed = counting(abortable(body, call.signal))
  const fan = fanOut(passed.body, present.length)
  const upload: Upload = { key, fan, call, record, strategy }
  const stored = await Promise.all(zip(present, fan.branches, (at, branch) => storeAt(at, branch, upload)))
  await fan.close()
  const failed = call.signal.aborted || fan.broken !== undefined
  await Promise.all(zip(present, stored, (at, has) => tidy(at, has && failed ? key : undefined)))
  call.signal.throwIfAborted()
  if (fan.broken !== undefined) throw fan.broken.error
  if (record.every(({ out }) => out.aborted)) throw backupFailed(reports(record))
  return { bytes: passed.bytes() }
}

/** Resolves with whether the replica stored the object. A failure of its own puts it out. */
async function storeAt(at: Standing, branch: Branch, upload: Upload): Promise<boolean> {
  const { key, fan, call, record, strategy } = upload
  const signal = AbortSignal.any([call.signal, at.out])
  try {
    const { bytes } = await at.replica.driver.put(key, branch, { signal })
    at.stored(key, bytes)
    if (branch.ended) return true
    throw new BackupError('internal', `${key} was stored without being read to its end`, {
      operation: 'upload',
      driver: at.replica.driver.name,
    })
  } catch (error) {
    if (signal.aborted || fan.broken !== undefined) return false
    const failure = asBackupError(error)
    // It may be there all the same, its answer lost; unless what is there is not ours.
    if (failure.code !== 'conflict') at.stored(key, 0)
    for (const one of strategy === 'any' ? [at] : record) one.putOut(one === at ? failure : undefined)
    return false
  } finally {
    branch.leave()
  }
}

/** Removes what a replica must not keep: everything if it is out, else one object if it is named. */
async function tidy(at: Standing, unwanted: string | undefined): Promise<void> {
  if (at.out.aborted) await at.clear()
  else if (unwanted !== undefined) await at.takeAway(unwanted)
}

function reports(record: readonly Standing[]): DestinationReport[] {
  return record.map((at) => at.report())
}

function counting(chunks: AsyncIterable<Uint8Array>): { body: AsyncIterable<Uint8Array>; bytes(): number } {
  let bytes = 0
  const count = async function* () {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength
      yield chunk
    }
  }
  return { body: count(), bytes: () => bytes }
}

/** Two lists of the same length, item by item. */
function zip<A, B, R>(left: readonly A[], right: readonly B[], join: (a: A, b: B) => R): R[] {
  return left.flatMap((a, index) => right.slice(index, index + 1).map((b) => join(a, b)))
}
