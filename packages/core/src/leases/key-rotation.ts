import { BackupError } from '../errors.js'
import { type Lease, readLeases, removalTime, type Timed, waitForRemovals } from '../inventory/lease.js'
import type { Driver } from '../ports/driver.js'
import { cannotWrite, withLeaseIfPossible } from './with-lease.js'

/** What its lease is called. */
export const rotation = 'rotate-keys'

/** The operations that bring files of a backup to another destination, its key files among them. */
export type Copying = (typeof copying)[number]
const copying = ['sync', 'repair'] as const

/**
 * Does the work, which changes the keys of a backup, while a lease keeps others from removing it, and from copying key files
 * that are about to go. The work calls what it is given before it stores or removes anything: that throws `conflict`,
 * `retriable`, while a process copies the backup. What that call has seen holds for a minute; afterwards it looks again.
 */
export function rotatingKeys<T>(
  driver: Driver,
  id: string,
  timed: Timed,
  work: (refuseCopying: () => Promise<void>) => Promise<T>,
): Promise<T> {
  let lookedAt = Number.NEGATIVE_INFINITY
  const refuseCopying = async () => {
    if (performance.now() - lookedAt < removalTime) return
    const from = performance.now()
    const copier = (await readLeases(driver, timed)).find((lease) => copies(lease, id))
    if (copier !== undefined) throw beingCopied(id, copier)
    lookedAt = from
  }
  const purpose = { kind: 'use', operation: rotation, backups: [id] } as const
  const waitAndWork = async () => {
    await waitForRemovals(driver, [id], timed)
    return work(refuseCopying)
  }
  return withLeaseIfPossible(driver, purpose, timed, waitAndWork, cannotWrite)
}

function copies({ operation, backups }: Lease, id: string): boolean {
  return copying.some((one) => one === operation) && backups.includes(id)
}

function beingCopied(backupId: string, { operation, holder, takenAt }: Lease): BackupError {
  return new BackupError(
    'conflict',
    `The keys of backup '${backupId}' were not changed: a ${operation} (${holder}) has been copying it since ${takenAt}`,
    {
      retriable: true,
      suggestion: `Wait until the ${operation} has finished: it would bring the old keys to where they were removed.`,
      metadata: { backupId, operation },
    },
  )
}
