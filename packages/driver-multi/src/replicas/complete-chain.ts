import { BackupError, type Call, isBackupError, type VerifyReport, verify } from '@s3db-backup/core'
import { storageFailure } from '../failure.js'
import type { DestinationReport, MultiDriver, Replica } from '../multi-driver.js'
import { sync } from './sync.js'

/** Identifies a backup that was just made. */
export interface MadeBackup {
  readonly directory: string
  readonly manifest?: { readonly id: string; readonly parent: string | null } | undefined
}

/**
 * Sees to it that a backup can be restored from each destination that has it, without the others: what a destination
 * lacks of the backups that it builds on is copied there. Gives the reports with the destinations where that was not
 * possible as failed; the backup itself is there, and waits for the rest.
 */
export async function completeChain(
  multi: MultiDriver,
  { manifest }: MadeBackup,
  reports: readonly DestinationReport[],
  call: Call,
): Promise<DestinationReport[]> {
  if (manifest === undefined || manifest.parent === null) return [...reports]
  const completed: DestinationReport[] = []
  for (const report of reports) {
    const replica = multi.replicas.find(({ name }) => name === report.name)
    const error =
      report.status === 'success' && replica !== undefined
        ? await completeAt(multi, manifest.id, replica, call)
        : undefined
    completed.push(error === undefined ? report : { ...report, status: 'failed', error })
  }
  return completed
}

/** Copies to a replica what it lacks of a chain. Resolves with why the chain is still not whole there. */
async function completeAt(
  multi: MultiDriver,
  id: string,
  to: Replica,
  call: Call,
): Promise<BackupError | undefined> {
  try {
    if ((await lookAt(to, id, call)).ok) return undefined
    await sync({ multi, id, to: [to], ...call })
    const [problem] = (await lookAt(to, id, call)).problems
    return problem === undefined ? undefined : notAlone(id, to, problem)
  } catch (error) {
    const failure = storageFailure(error, call.signal)
    return notAlone(id, to, isBackupError(failure.cause) ? failure.cause : failure)
  }
}

/** Whether all parts that a restore needs are there, by their sizes. */
function lookAt({ driver }: Replica, id: string, { signal }: Call): Promise<VerifyReport> {
  return verify({ driver, id, level: 'quick', signal })
}

function notAlone(id: string, { name, driver }: Replica, cause: BackupError): BackupError {
  return new BackupError(
    'broken_chain',
    `Backup '${id}' cannot be restored from ${name} alone: ${cause.message}`,
    {
      operation: 'backup',
      driver: driver.name,
      suggestion: 'When the destination is writable again, run sync: it copies what is missing there.',
      metadata: { backupId: id, replica: name },
      cause,
    },
  )
}
