import type { Call, Driver } from '../ports/driver.js'
import { usedBackups } from './lease.js'

/** Says whether a backup that was begun then, and has no manifest, is one whose process died. */
export type IsAbandoned = (id: string, startedAt: string, call: Call) => Promise<boolean>

/**
 * The only place that decides what is abandoned: a backup that was started long ago and gives no sign of life. A
 * process that makes a backup, or waits for its shards, stores leases that name it. The leases are read once, and only
 * if a backup is old enough.
 */
export function abandonment(
  driver: Driver,
  { staleAfter, now }: { readonly staleAfter: number; readonly now: () => Date },
): IsAbandoned {
  let alive: Promise<ReadonlySet<string>> | undefined
  return async (id, startedAt, call) => {
    if (now().getTime() - Date.parse(startedAt) < staleAfter) return false
    alive ??= usedBackups(driver, { ...call, now })
    alive.catch(() => {
      // The next call may have more luck, or more time.
      alive = undefined
    })
    return !(await alive).has(id)
  }
}
