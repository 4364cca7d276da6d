import { isBackupError, type LostRecord, type WriteReport } from '@s3db-backup/core'

/** What became of one record. */
export type Outcome = 'restored' | 'replaced' | 'skipped' | 'removed' | LostRecord

/** Counts outcomes. */
export function startReport(): { add(outcome: Outcome): void; result(): WriteReport } {
  const counts = { restored: 0, replaced: 0, skipped: 0, removed: 0 }
  const failed: LostRecord[] = []
  return {
    add(outcome) {
      if (typeof outcome === 'string') counts[outcome] += 1
      else failed.push(outcome)
    },
    result: () => ({ ...counts, failed }),
  }
}

/** A record that fails is reported and the others go on, unless the storage as a whole fails. */
export async function orFailed(id: string, work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work()
  } catch (error) {
    if (!isBackupError(error) || error.metadata.wholeStorage === true) throw error
    return { id, reason: error.message }
  }
}
