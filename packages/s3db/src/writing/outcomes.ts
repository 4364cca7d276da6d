import {
  isBackupError,
  type KeptRecords,
  type LostRecord,
  type UnreadableRecords,
  type WriteReport,
} from '@s3db-backup/core'

/** What became of one record. */
export type Outcome = 'restored' | 'replaced' | 'skipped' | 'removed' | 'kept' | LostRecord

/** How many records with missing parts are reported by id. */
const namedIds = 100

/** Gathers what became of the records of a resource. */
export interface Report {
  add(outcome: Outcome): void
  /** Something of a record did not come back; of the resource, without an id. */
  lacks(reason: string, id?: string): void
  /** So many records, or the one of this id, are not there after all. */
  misses(reason: string, which: number | string): void
  result(unreadable?: UnreadableRecords): WriteReport
}

export function startReport(): Report {
  const counts = { restored: 0, replaced: 0, skipped: 0, removed: 0 }
  const failed: LostRecord[] = []
  const shortfalls = new Map<string, { records: number; ids: string[]; missing?: true }>()
  const toldOf = (reason: string) => {
    const told = shortfalls.get(reason) ?? { records: 0, ids: [] }
    shortfalls.set(reason, told)
    return told
  }
  let kept = 0
  return {
    misses(reason, which) {
      const told = toldOf(reason)
      told.missing = true
      told.records += typeof which === 'number' ? which : 1
      if (typeof which === 'string' && told.ids.length < namedIds) told.ids.push(which)
    },
    lacks(reason, id) {
      const told = toldOf(reason)
      if (id === undefined) return
      told.records += 1
      if (told.ids.length < namedIds) told.ids.push(id)
    },
    add(outcome) {
      if (outcome === 'kept') kept += 1
      else if (typeof outcome === 'string') counts[outcome] += 1
      else failed.push(outcome)
    },
    result: (unreadable) => ({
      ...counts,
      failed,
      ...(kept === 0 ? {} : { kept: keptRecords(kept, unreadable) }),
      ...(shortfalls.size === 0
        ? {}
        : { shortfalls: [...shortfalls].map(([reason, told]) => ({ reason, ...told })) }),
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
