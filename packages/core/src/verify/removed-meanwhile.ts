import { firstGone } from '../chain/first-gone.js'
import { BackupError } from '../errors.js'
import { firstKeyPart } from '../format/key-files.js'
import type { Call } from '../ports/driver.js'
import type { Findings } from './findings.js'
import { type Asked, partsThatCount } from './open-asked.js'

/**
 * The ids of the backups of which something is missing because they were removed since their manifests were read. A verification
 * keeps nobody from that: it may run where nothing can be written. What is missing because the keys were changed is withdrawn
 * from the findings. Nothing is requested if nothing was found.
 */
export async function removedMeanwhile(
  asked: readonly Asked[],
  findings: Findings,
  call: Call,
): Promise<ReadonlySet<string>> {
  const removed = new Set<string>()
  for (const one of asked) {
    for (const link of one.chain) {
      const keys = firstKeyPart(link.manifest)
      if (keys === undefined || !findings.has(link, keys.file)) continue
      if (!(await partsThatCount(link)).includes(keys)) findings.withdraw(link, keys.file)
    }
    if (findings.of(one).length === 0) continue
    const { driver } = one.newest.context
    if ((await firstGone(driver, [one.newest], call)) !== undefined) removed.add(one.id)
  }
  return removed
}

export function removedBackup(id: string): BackupError {
  return new BackupError('not_found', `Backup '${id}' was removed while it was verified`, {
    operation: 'verify',
    suggestion: 'If it was deleted with a grace time, undelete it; otherwise choose another backup.',
    metadata: { backupId: id, removed: true },
  })
}
