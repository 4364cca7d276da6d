import { type BackupError, isBackupError } from '../errors.js'
import { type Lease, type Timed, waitWhile } from '../inventory/lease.js'
import type { Driver } from '../ports/driver.js'
import { type Copying, rotation } from './while-not-copied.js'
import { cannotWrite, withLeaseIfPossible } from './with-lease.js'

/** The backups that must stay at a destination. */
export interface Kept {
  /** Shown to a process that wants to remove them, or to change their keys. */
  readonly operation: Copying
  /** Ids, also of backups that are only now brought to the destination. */
  readonly backups: readonly string[]
}

/**
 * Does the work, which reads backups or brings them, while a lease keeps others from removing them and from changing their
 * keys. A removal or a change that has begun may not have seen the lease, so it is waited for, up to 90 seconds. What is
 * there is only known afterwards, so the work has to look itself.
 *
 * Where the destination may not be written to, or is full, it goes on without a lease. If the lease cannot be stored for
 * another reason, or those of others cannot be read, the work is given that failure: it may read, and should not write.
 */
export function keepingBackups<T>(
  driver: Driver,
  { operation, backups }: Kept,
  timed: Timed,
  work: (failure: BackupError | undefined) => Promise<T>,
): Promise<T> {
  let failure: BackupError | undefined
  const noteFailure = (error: unknown) => {
    timed.signal.throwIfAborted()
    if (!isBackupError(error)) throw error
    failure = error
  }
  const lookAndWork = async () => {
    const mayNotHaveSeen = (lease: Lease) => lease.kind === 'removal' || lease.operation === rotation
    await waitWhile(driver, backups, timed, mayNotHaveSeen).catch(noteFailure)
    return work(failure)
  }
  const purpose = { kind: 'use', operation, backups } as const
  return withLeaseIfPossible(driver, purpose, timed, lookAndWork, (error) => {
    if (!cannotWrite(error)) noteFailure(error)
    return true
  })
}
