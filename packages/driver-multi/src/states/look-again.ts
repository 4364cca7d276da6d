import { type BackupError, type Call, isBackupError } from '@s3db-backup/core'
import { isListed, ordered } from '@s3db-backup/core/internal'
import { manifestKey } from '../copies/manifest-copy.js'
import { storageFailure } from '../failure.js'
import type { Replica } from '../multi-driver.js'
import { replicasWith, type Survey, type Whereabouts } from './survey.js'

/** Listed side by side at each replica. */
const atOnce = 8

/** A survey, and the replicas that did not answer when it was renewed. */
export interface SecondLook {
  readonly found: Survey
  /** Of these the survey says what it said before. */
  readonly failed: ReadonlyMap<Replica, BackupError>
}

/**
 * Renews a survey, of the backups with these ids: others may have removed them since, or brought them. That takes one
 * listing for each of them at each replica. All else stays as it was.
 */
export async function lookAgain(first: Survey, ids: readonly string[], call: Call): Promise<SecondLook> {
  const again = first.backups.filter(({ id }) => ids.includes(id))
  const failed = new Map<Replica, BackupError>()
  const listed = new Map<Replica, ReadonlySet<Whereabouts>>()
  const look = async (replica: Replica) => {
    const answer = await listedAt(replica, again, call)
    if (isBackupError(answer)) failed.set(replica, answer)
    else listed.set(replica, answer)
  }
  await Promise.all([...new Set(again.flatMap(replicasOf))].map(look))
  const renew = (backup: Whereabouts): Whereabouts[] => {
    if (!again.includes(backup)) return [backup]
    const isThere = (replica: Replica) =>
      listed.get(replica)?.has(backup) ?? !backup.lacking.includes(replica)
    const [copy, ...copies] = backup.copies.filter(({ replica }) => isThere(replica))
    if (copy === undefined) return []
    const lacking = replicasOf(backup).filter((replica) => !isThere(replica))
    return [{ ...backup, copies: [copy, ...copies], damaged: backup.damaged.filter(isThere), lacking }]
  }
  return { found: { ...first, backups: first.backups.flatMap(renew) }, failed }
}

function replicasOf(backup: Whereabouts): Replica[] {
  return [...replicasWith(backup), ...backup.lacking]
}

/** Which of the backups the replica lists, or why it does not answer. */
async function listedAt(
  replica: Replica,
  backups: readonly Whereabouts[],
  call: Call,
): Promise<ReadonlySet<Whereabouts> | BackupError> {
  const listed = new Set<Whereabouts>()
  const look = async (backup: Whereabouts) =>
    (await isListed(replica.driver, manifestKey(backup.directory), call)) ? [backup] : []
  try {
    for await (const found of ordered(backups, atOnce, look)) for (const backup of found) listed.add(backup)
    return listed
  } catch (error) {
    return storageFailure(error, call.signal)
  }
}
