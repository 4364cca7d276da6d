import type { Call } from '@s3db-backup/core'
import { destinationsFailed, failedReport, storageFailure } from './failure.js'
import type { DestinationReport, Replica } from './multi-driver.js'

/**
 * The time at the first replica that has a clock and answers. Nothing where none of them has a clock: this machine's
 * counts at all of them then.
 */
export function commonClock(replicas: readonly Replica[]): ((call: Call) => Promise<Date>) | undefined {
  const timed = replicas.flatMap((replica) => {
    const { clock } = replica.driver
    return clock === undefined ? [] : [{ replica, clock }]
  })
  if (timed.length === 0) return undefined
  return async (call) => {
    const failures: DestinationReport[] = []
    for (const { replica, clock } of timed) {
      try {
        return await clock(call)
      } catch (error) {
        failures.push(failedReport(replica, storageFailure(error, call.signal)))
      }
    }
    throw destinationsFailed(failures, { operation: 'status' })
  }
}
