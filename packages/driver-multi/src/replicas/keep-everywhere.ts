import type { BackupError, Call } from '@s3db-backup/core'
import { type Kept, keepingBackups } from '@s3db-backup/core/internal'
import type { Replica } from '../multi-driver.js'
import { lookAgain } from '../states/look-again.js'
import type { Survey } from '../states/survey.js'

/** Replicas where it is not certain what others remove, and why. They are read, and nothing is written there. */
export type Unkept = ReadonlyMap<Replica, BackupError>

/** Backups, and the replicas where they must stay. */
export interface KeptSomewhere extends Kept {
  readonly replicas: readonly Replica[]
  /** What was there before. */
  readonly first: Survey
}

/**
 * Does the work while a lease at each of the replicas keeps others from removing the backups there. The work is given what is
 * there now: what was there before the leases may be gone.
 */
export function keepingEverywhere<T>(
  { replicas, first, ...kept }: KeptSomewhere,
  call: Call,
  work: (now: Survey, unkept: Unkept) => Promise<T>,
): Promise<T> {
  const timed = { ...call, now: () => new Date() }
  const unkept = new Map<Replica, BackupError>()
  const keepAt = async ([replica, ...others]: readonly Replica[]): Promise<T> => {
    if (replica !== undefined)
      return keepingBackups(replica.driver, kept, timed, (failure) => {
        if (failure !== undefined) unkept.set(replica, failure)
        return keepAt(others)
      })
    const { found, failed } = await lookAgain(first, kept.backups, call)
    return work(found, new Map([...failed, ...unkept]))
  }
  return keepAt(replicas)
}

/** Throws the reason not to write at the replica, if there is one. */
export function checkKept(replica: Replica, unkept: Unkept): void {
  const failure = unkept.get(replica)
  if (failure !== undefined) throw failure
}
