import type { Attempt } from '../inventory/attempt.js'
import { withHeartbeat } from '../leases/with-lease.js'
import type { Choices, Control, Destination } from './backup-run.js'

/** Makes the backup, and tells others from time to time that it is being made. A dry run tells no one. */
export function signOfLife<T>(
  { driver, id, now, dryRun }: Attempt & Destination & Control & Pick<Choices, 'dryRun'>,
  work: () => Promise<T>,
): Promise<T> {
  if (dryRun) return work()
  return withHeartbeat(driver, { kind: 'use', operation: 'backup', backups: [id] }, { now }, work)
}
