import { BackupError } from '../errors.js'
import {
  type Lease,
  type Purpose,
  readLeases,
  removalTime,
  type Timed,
  waitForRemovals,
} from '../inventory/lease.js'
import type { Driver } from '../ports/driver.js'
import { cannotWrite, withLeaseIfPossible } from './with-lease.js'

/** What the lease of a change of keys is called. The backup stays, and must not be copied meanwhile. */
export const rotation = 'rotate-keys'

/** The operations that bring a backup to another destination: its parts, key files and manifest. */
export type Copying = (typeof copying)[number]
const copying = ['sync', 'repair'] as const

/** A change of one backup's files that a copy must not cross. */
export interface Change extends Pick<Purpose, 'kind' | 'operation'> {
  readonly id: string
  /** What has not happened, for the message: `The plan was not aborted`. */
  readonly refusal: string
}

/**
 * Does work that changes files of a backup, under a lease: a process that wants to copy the backup waits for the lease.
 * The work is given `refuseCopying` and calls it each time before it stores or removes a file. It throws `conflict`,
 * `retriable`, while another process copies the backup. It reads the leases at most once a minute.
 */
export function whileNotCopied<T>(
  driver: Driver,
  { id, kind, operation, refusal }: Change,
  timed: Timed,
  work: (refuseCopying: () => Promise<void>) => Promise<T>,
): Promise<T> {
  let lookedAt = Number.NEGATIVE_INFINITY
  const refuseCopying = async () => {
    if (performance.now() - lookedAt < removalTime) return
    const from = performance.now()
    const copier = (await readLeases(driver, timed)).find((lease) => copies(lease, id))
    if (copier !== undefined) throw beingCopied(id, refusal, copier)
    lookedAt = from
  }
  const waitAndWork = async () => {
    // What is to stay must not be about to go.
    if (kind === 'use') await waitForRemovals(driver, [id], timed)
    return work(refuseCopying)
  }
  return withLeaseIfPossible(driver, { kind, operation, backups: [id] }, timed, waitAndWork, cannotWrite)
}

function copies({ operation, backups }: Lease, id: string): boolean {
  return copying.some((one) => one === operation) && backups.includes(id)
}

function beingCopied(backupId: string, refusal: string, { operation, holder, takenAt }: Lease): BackupError {
  return new BackupError(
    'conflict',
    `${refusal}: a ${operation} (${holder}) has been copying backup '${backupId}' since ${takenAt}`,
    {
      retriable: true,
      suggestion: `Wait until the ${operation} has finished, and run it again.`,
      metadata: { backupId, operation },
    },
  )
}
