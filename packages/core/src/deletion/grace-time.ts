import type { DeletedBackup } from '../inventory/deleted.js'
import type { Timed } from '../inventory/lease.js'
import { earlierNow } from '../inventory/storage-clock.js'
import type { Driver } from '../ports/driver.js'

/* A grace time is over when it is over by this machine's clock and by the storage's. */

/** The deleted backups whose grace time is over. The storage is asked for its time only if some are due by this machine's. */
export async function dueOf(
  driver: Driver,
  deleted: readonly DeletedBackup[],
  { now, signal }: Timed,
): Promise<DeletedBackup[]> {
  const isDueHere = deleted.some((backup) => isOver(backup, now().getTime()))
  if (!isDueHere) return []
  const time = await earlierNow(driver, now, { signal })
  return deleted.filter((backup) => isOver(backup, time))
}

/** The deleted backups that can still be brought back. */
export async function recoverableOf(
  driver: Driver,
  deleted: readonly DeletedBackup[],
  { now, signal }: Timed,
): Promise<DeletedBackup[]> {
  if (deleted.length === 0) return []
  const time = await earlierNow(driver, now, { signal })
  return deleted.filter((backup) => !isOver(backup, time))
}

function isOver({ purgeAfter }: DeletedBackup, time: number): boolean {
  return Date.parse(purgeAfter) <= time
}
