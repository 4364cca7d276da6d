import type { Call, ObjectInfo } from '@s3db-backup/core'
import { asBackupError, destinationsFailed, failedReport, fineReport } from './failure.js'
import { directoryOf } from './ledger.js'
import type { DestinationReport, Replica } from './multi-driver.js'

/**
 * Stores an object at each replica that has something in its directory already, and at all of them if none has: what
 * is said of a backup lies where the backup lies. All must succeed; what one that failed leaves at the others is
 * taken back.
 */
export async function putBeside(
  replicas: readonly Replica[],
  key: string,
  body: AsyncIterable<Uint8Array>,
  call: Call,
): Promise<{ bytes: number }> {
  const bytes = await collect(body)
  const there: Replica[] = []
  for (const replica of replicas)
    if (await hasAny(replica.driver.list(`${directoryOf(key)}/`, call))) there.push(replica)
  const wanted = there.length === 0 ? replicas : there
  const store = async (replica: Replica): Promise<DestinationReport> =>
    replica.driver.put(key, once(bytes), call).then(
      () => fineReport(replica),
      (error: unknown) => failedReport(replica, asBackupError(error)),
    )
  const reports = await Promise.all(wanted.map(store))
  if (reports.every(({ status }) => status === 'success')) return { bytes: bytes.byteLength }
  const stored = wanted.filter((_, index) => reports[index]?.status === 'success')
  // What cannot be taken back is a note too many, and the failure is told in any case.
  const inTime = { signal: AbortSignal.timeout(10_000) }
  await Promise.allSettled(stored.map(({ driver }) => driver.delete(key, inTime)))
  call.signal.throwIfAborted()
  throw destinationsFailed(reports, { operation: 'upload' }).with({ metadata: { key } })
}

async function hasAny(objects: AsyncIterable<ObjectInfo>): Promise<boolean> {
  for await (const _ of objects) return true
  return false
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
