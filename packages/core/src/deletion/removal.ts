import { BackupError } from '../errors.js'
import { removalTime, type Timed } from '../inventory/lease.js'
import { cannotWrite, withLeaseIfPossible } from '../leases/with-lease.js'
import type { Driver } from '../ports/driver.js'
import { reasonsToStay } from './in-use.js'

/** How many times in a row checking which backups are in use may take too long to act on. */
const looks = 3

/** A backup that is to go. */
export interface Going {
  readonly id: string
  readonly parent: string | null
}

/** What is to be removed. */
export interface Removal<T extends Going> {
  /** The operation that others see: `prune`, `delete`, `purge`. */
  readonly operation: string
  /** Each before those that it needs. */
  readonly backups: readonly T[]
  /** The directories of the backups that were listed when that was decided. */
  readonly known: ReadonlySet<string>
  /** They go at once, and cannot be brought back. */
  readonly forGood: boolean
  /** Nothing is removed, so no lease is stored. Default `false`. */
  readonly dryRun?: boolean | undefined
}

/**
 * Removes backups one by one, except those in use and those that they need. Returns the reasons of those that stay, by
 * id.
 *
 * First a lease announces which backups may be removed; only then their use is checked. A user of a backup does the
 * reverse: it announces the use first, then waits for a removal of the backup, and then looks whether it is there. So
 * at least one of the two sees the other. A look holds for a minute; then it is taken anew. Throws `unavailable` if
 * look after look takes longer than that.
 *
 * Where no lease can be stored, because the storage is full or may not be written to, it goes on without:
 * a full disk is what backups are removed for.
 */
export async function removeEach<T extends Going>(
  driver: Driver,
  { operation, backups, known, forGood, dryRun = false }: Removal<T>,
  timed: Timed,
  remove: (backup: T) => Promise<void>,
): Promise<Map<string, string>> {
  const kept = new Map<string, string>()
  const rest = [...backups]
  let inVain = 0
  while (rest.length > 0) {
    const before = rest.length
    const purpose = { kind: 'removal', operation, backups: rest.map(({ id }) => id) } as const
    // Taken before the lease is stored: other processes count from when they first see it.
    const from = performance.now()
    const round = async () => {
      const ids = new Set(rest.map(({ id }) => id))
      const reasons = await reasonsToStay(driver, { ids, known, forGood }, timed)
      for (let next = rest[0]; next !== undefined; next = rest[0]) {
        const reason = kept.get(next.id) ?? reasons.get(next.id)
        if (reason !== undefined) {
          kept.set(next.id, reason)
          if (next.parent !== null && !kept.has(next.parent)) kept.set(next.parent, `needed by ${next.id}`)
        } else if (!dryRun && performance.now() - from > removalTime) return
        else await remove(next)
        rest.shift()
      }
    }
    if (dryRun) await round()
    else await withLeaseIfPossible(driver, purpose, timed, round, cannotWrite)
    inVain = rest.length < before ? 0 : inVain + 1
    if (inVain === looks) throw tooSlow()
  }
  const ids = new Set(backups.map(({ id }) => id))
  return new Map([...kept].filter(([id]) => ids.has(id)))
}

function tooSlow(): BackupError {
  const seconds = removalTime / 1000
  return new BackupError(
    'unavailable',
    `Nothing more was removed: checking which backups are in use took over ${seconds} s, ${looks} times in a row`,
    {
      operation: 'cleanup',
      suggestion: 'Run it again when the storage answers faster, or from nearer to it.',
    },
  )
}
