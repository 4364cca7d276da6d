import { BackupError, type Call, isBackupError, type Target } from '@s3db-backup/core'
import { type Database, databaseTarget } from '@s3db-backup/s3db'
import { checkTarget, type OpenTarget, openTarget, type TargetUse } from './open-target.js'
import { takeBack } from './take-back.js'

/** A target that closes what it opened. */
export interface LateTarget extends Target {
  close(): Promise<void>
}

/**
 * A target that is opened only when the restore reaches it, after the backup was checked: opening a database that does
 * not exist creates it, and neither a damaged backup nor one that cannot be used here may leave an empty database
 * behind. Problems of the target that are visible without opening it are thrown at once.
 */
export function openedLate(
  given: string | Database | undefined,
  own: Database | undefined,
  use: TargetUse,
): LateTarget {
  checkTarget(given, own)
  let opened: OpenTarget | undefined
  let inner: Target | undefined
  return {
    ranges: true,
    async open(plan, call) {
      opened = await openTarget(given, own, use)
      inner = databaseTarget(opened.database)
      try {
        await inner.open(plan, call)
      } catch (error) {
        if (!opened.isNew || use.dryRun || !isBackupError(error, 'unsupported')) throw error
        throw await withoutTrace(opened.database, error, call)
      }
    },
    write(name, batches, call) {
      if (inner !== undefined) return inner.write(name, batches, call)
      throw new BackupError('internal', 'A target is opened before it is written', { operation: 'restore' })
    },
    async finish(call) {
      await inner?.finish?.(call)
    },
    async close() {
      await opened?.close()
    },
  }
}

/** The refusal, once the database that was made for it is gone; it says so if that could not be. */
async function withoutTrace(database: Database, refusal: BackupError, call: Call): Promise<BackupError> {
  try {
    await takeBack(database, call)
    return refusal
  } catch (error) {
    const leftBehind = `An empty database was left behind: ${error instanceof Error ? error.message : String(error)}`
    return refusal.with({ metadata: { ...refusal.metadata, leftBehind } })
  }
}
