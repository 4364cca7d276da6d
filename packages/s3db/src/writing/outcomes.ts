import {
  isBackupError,
  type KeptRecords,
  type LostRecord,
  type UnreadableRecords,
  type WriteReport,
} from '@s3db-backup/core'

/** What became of one record. */
export type Outcome = 'restored' | 'replaced' | 'skipped' | 'removed' | 'kept' | LostRecord

/** Counts outcomes. */
export function startReport(): {
  add(outcome: Outcome): void
  result(unreadable?: UnreadableRecords): WriteReport
} {
  const counts = { restored: 0, replaced: 0, skipped: 0, removed: 0 }
  const failed: LostRecord[] = []
  let kept = 0
  return {
    add(outcome) {
      if (outcome === 'kept') kept += 1
      else if (typeof outcome === 'string') counts[outcome] += 1
      else failed.push(outcome)
    },
    result: (unreadable) => ({
      ...counts,
      failed,
      ...(kept === 0 ? {} : { kept: keptRecords(kept, unreadable) }),
    }),
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

function keptRecords(count: number, unreadable: UnreadableRecords | undefined): KeptRecords {
  const reason =
    unreadable?.others === true
      ? 'the backup does not know which records it lacks, so nothing was removed'
      : 'the backup could not read them, so they were not removed'
  return { count, reason }
}
