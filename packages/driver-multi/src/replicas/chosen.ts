import { BackupError, isBackupError } from '@s3db-backup/core'
import type { Replica } from '../multi-driver.js'
import { replicasWith, type Survey, type Whereabouts } from '../states/survey.js'

/* Which backups a sync copies, and which replicas it needs for that. */

/** A backup and those that it builds on, the oldest first. Throws if no replica has one of them. */
export function chainOf(id: string, { backups, unreachable }: Survey): Whereabouts[] {
  const chain: Whereabouts[] = []
  for (
    let next: string | null = id;
    next !== null;
    next = chain[0]?.copies[0].entry.manifest.parent ?? null
  ) {
    const link = backups.find((backup) => backup.id === next)
    if (link === undefined || chain.includes(link)) throw lost(id, next, unreachable)
    chain.unshift(link)
  }
  return chain
}

/** The backups that one of the replicas lacks, and those that they build on. */
export function toCopy(wanted: readonly Whereabouts[], to: readonly Replica[]): Whereabouts[] {
  const copying: Whereabouts[] = []
  const parents = new Set<string | null>()
  // Children come after their parents.
  for (const backup of [...wanted].reverse()) {
    if (!parents.has(backup.id) && !backup.lacking.some((replica) => to.includes(replica))) continue
    copying.push(backup)
    parents.add(backup.copies[0].entry.manifest.parent)
  }
  return copying
}

/** The replicas that are read or written. */
export function involved(copying: readonly Whereabouts[], to: readonly Replica[]): Replica[] {
  const targets = copying.flatMap(({ lacking }) => lacking.filter((replica) => to.includes(replica)))
  return [...new Set([...copying.flatMap(replicasWith), ...targets])]
}

function lost(id: string, missing: string, unreachable: Survey['unreachable']): BackupError {
  const first = unreachable[0]?.error
  const metadata = { backupId: id, missing, unreachable: unreachable.map(({ replica }) => replica.name) }
  // A replica that did not answer may have it.
  if (isBackupError(first)) return first.with({ metadata })
  return missing === id
    ? new BackupError('not_found', `Backup '${id}' not found`, { metadata })
    : new BackupError('broken_chain', `Backup '${id}' needs '${missing}', which no destination has`, {
        metadata,
      })
}
