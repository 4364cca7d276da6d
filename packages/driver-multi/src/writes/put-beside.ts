import type { Call, ObjectInfo, PutCall } from '@s3db-backup/core'
import { directoryOf, ordered } from '@s3db-backup/core/internal'
import { asBackupError, destinationsFailed, failedReport, fineReport } from '../failure.js'
import type { DestinationReport, Replica } from '../multi-driver.js'
import { replicaState } from '../states/replica-state.js'
import { store } from './store.js'

/**
 * Stores an object that belongs to an existing backup at each replica that has something in its directory, so that
 * notes about a backup are where the backup is. All of those must succeed, whatever the strategy of backups is: a key
 * file that one of them lacks would leave a copy that cannot be opened once the older ones are removed. What one that
 * failed leaves at the others is taken back, and nothing else is touched.
 *
 * `elsewhere` stores what has no such place. It is asked also if some replicas cannot be listed and the others
 * have nothing.
 */
export async function putBeside(
  replicas: readonly Replica[],
  key: string,
  body: AsyncIterable<Uint8Array>,
  call: PutCall,
  elsewhere: () => Promise<{ bytes: number }>,
): Promise<{ bytes: number }> {
  const { there, reports } = await whoHas(replicas, directoryOf(key), call)
  if (there.length === 0) return elsewhere()
  if (reports.some(({ status }) => status === 'failed'))
    throw destinationsFailed(reports, { operation: 'upload' }).with({ metadata: { key } })
  return storeAtAll(there, key, body, call)
}

/** Stores an object at all of the replicas, or at none. */
export function storeAtAll(
  replicas: readonly Replica[],
  key: string,
  body: AsyncIterable<Uint8Array>,
  call: PutCall,
): Promise<{ bytes: number }> {
  return store(key, body, call, 'all', replicas.map(replicaState))
}

/** Which of them have something in the directory, and, for each one, whether it could be asked. */
async function whoHas(replicas: readonly Replica[], directory: string, call: Call) {
  const there: Replica[] = []
  const reports: DestinationReport[] = []
  const ask = (replica: Replica) => hasAny(replica.driver.list(`${directory}/`, call)).catch(asBackupError)
  for await (const [replica, answer] of ordered(replicas, 3, async (one) => [one, await ask(one)] as const)) {
    if (answer === true) there.push(replica)
    reports.push(typeof answer === 'boolean' ? fineReport(replica) : failedReport(replica, answer))
  }
  call.signal.throwIfAborted()
  return { there, reports }
}

async function hasAny(objects: AsyncIterable<ObjectInfo>): Promise<boolean> {
  for await (const _ of objects) return true
  return false
}
