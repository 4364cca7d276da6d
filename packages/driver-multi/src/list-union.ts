import type { ListCall, ObjectInfo } from '@s3db-backup/core'
import { noteSize } from './copies/listed-sizes.js'
import { destinationsFailed, failedReport, fineReport, storageFailure } from './failure.js'
import type { DestinationReport, Replica, Warning } from './multi-driver.js'

/** How a union is made. */
export interface Union {
  readonly replicas: readonly Replica[]
  /** Told of each replica that could not be listed while another one could. */
  readonly onWarning: (warning: Warning) => void
  /** Refuse a listing that lacks a replica. */
  readonly whole: boolean
}

/**
 * Yields the union of the replicas' objects, each key once, with the size and stamp that the first of them lists. The
 * seen keys are held in memory, about 100 bytes each.
 *
 * A replica that cannot be listed is skipped with a warning, unless none can or `whole` is requested: then the listing
 * ends with an error, after everything that the others have.
 */
export async function* listUnion(union: Union, prefix: string, call: ListCall): AsyncGenerator<ObjectInfo> {
  const seen = new Set<string>()
  const reports: DestinationReport[] = []
  for (const replica of union.replicas) {
    try {
      for await (const info of replica.driver.list(prefix, call)) {
        noteSize(replica, info)
        if (seen.has(info.key)) continue
        seen.add(info.key)
        yield info.stamp === undefined ? info : { ...info, stamp: `${replica.name} ${info.stamp}` }
      }
      reports.push(fineReport(replica))
    } catch (error) {
      reports.push(failedReport(replica, storageFailure(error, call.signal)))
    }
  }
  const failed = reports.filter(({ status }) => status === 'failed')
  if (failed.length > 0 && (union.whole || failed.length === reports.length)) {
    throw destinationsFailed(reports, { operation: 'list' })
  }
  for (const { name, error } of failed) {
    if (error !== undefined) union.onWarning({ replica: name, operation: 'list', error })
  }
}
