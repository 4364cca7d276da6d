import type { Attempt } from '../inventory/attempt.js'
import { withHeartbeat } from '../leases/with-lease.js'
import type { Choices, Control, Destination } from './backup-run.js'

/** Makes the backup, and stores a sign of life from time to time. A dry run stores none. */
export function signOfLife<T>(
  { driver, id, now, dryRun }: Attempt & Destination & Control & Pick<Choices, 'dryRun'>,
  work: () => Promise<T>,
): Promise<T> {
  if (dryRun) return work()
  return withHeartbeat(driver, { kind: 'use', operation: 'backup', backups: [id] }, { now }, work)
}
