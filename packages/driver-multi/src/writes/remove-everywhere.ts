import type { BackupError, Call } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import { asBackupError, destinationsFailed, failedReport, fineReport } from '../failure.js'
import type { DestinationReport, Replica } from '../multi-driver.js'

/** Removes an object from every replica. All are tried; rejects if one of them failed. */
export async function removeEverywhere(
  replicas: readonly Replica[],
  concurrency: number,
  key: string,
  call: Call,
): Promise<void> {
  const reports: DestinationReport[] = []
  const remove = async (replica: Replica): Promise<DestinationReport> => {
    const failure = await replica.driver.delete(key, call).then(none, asBackupError)
    return failure === undefined ? fineReport(replica) : failedReport(replica, failure)
  }
  for await (const report of ordered(replicas, concurrency, remove)) reports.push(report)
  call.signal.throwIfAborted()
  if (reports.every(({ status }) => status === 'success')) return
  throw destinationsFailed(reports, { operation: 'delete' }).with({ metadata: { key } })
}

function none(): BackupError | undefined {
  return undefined
}
