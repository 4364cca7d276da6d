import { timeOfId } from '../format/backup-id.js'
import type { Manifest } from '../manifest.js'
import { withoutCopies } from './copies.js'
import { isDatedAhead } from './dated-ahead.js'
import type { Inventory } from './inventory.js'
import { type FinishedEntry, isFinished, type SpoiltEntry } from './inventory-entry.js'
import type { CatalogEntry } from './manifest-entry.js'
import type { StoredDirectory } from './stored-directory.js'

/** How long after its id was made a backup may begin, in ms: a day. */
const idLead = 24 * 60 * 60 * 1000

/** How many manifests are read at a time, once their possible age is known. */
const atATime = 8

/** Which are wanted. */
interface Newest {
  readonly limit: number
  readonly prefix: string
  readonly deniedToo: boolean | undefined
  readonly signal: AbortSignal | undefined
}

/** The manifests that were read, which include the newest. */
interface Read {
  readonly backups: FinishedEntry[]
  readonly damaged: SpoiltEntry[]
}

/**
 * Reads manifests until the newest backups must be among them; those dated ahead do not count. An id of our form
 * contains the time when it was made. Its backup starts within a day of that, or has an earlier time, if it was
 * consolidated from a chain. So what the manifest says is at most a day later than the id. A manifest whose id tells no
 * time is always read.
 */
export async function newestIn(here: Inventory, { limit, prefix, deniedToo, signal }: Newest): Promise<Read> {
  const backups: FinishedEntry[] = []
  const damaged: SpoiltEntry[] = []
  const read = async (some: readonly { readonly id: string }[]) => {
    // All directories of an id, because copies are one backup.
    const ids = new Set(some.map(({ id }) => id))
    const where = ({ holding, id }: StoredDirectory) => holding === 'backup' && ids.has(id)
    const entries = await here.entries({ where, deniedToo, signal })
    for (const entry of withoutCopies(entries.filter(isFinished))) backups.push(await marked(entry))
    damaged.push(...entries.filter((entry) => entry.state === 'damaged'))
  }
  const marked = async (entry: FinishedEntry): Promise<FinishedEntry> => {
    const now = await here.storageTime({ signal: signal ?? never })
    return isDatedAhead(entry.manifest.exportedAt, now) ? { ...entry, datedAhead: true } : entry
  }
  const counted = () => backups.filter(({ datedAhead }) => datedAhead !== true)
  if (limit <= 0) return { backups, damaged }
  const candidates = here.directories.filter(
    ({ holding, id }) => holding === 'backup' && id.startsWith(prefix),
  )
  if (limit >= candidates.length) {
    await read(candidates)
    return { backups, damaged }
  }
  await read(candidates.filter(({ id }) => timeOfId(id) === undefined))
  const dated = [...new Set(candidates.map(({ id }) => id))]
    .flatMap((id) => {
      const time = timeOfId(id)
      return time === undefined ? [] : [{ id, latest: time + idLead }]
    })
    .sort((a, b) => b.latest - a.latest)
  while (dated.length > 0) {
    const missing = limit - counted().length
    const oldest = oldestOf(counted(), limit)
    const next = dated.slice(0, missing > 0 ? Math.min(missing, atATime) : atATime)
    const wanted = next.filter(({ latest }) => latest >= oldest)
    if (wanted.length === 0) break
    await read(wanted)
    dated.splice(0, wanted.length)
  }
  return { backups, damaged }
}

const never = new AbortController().signal

/** The time of the oldest of the wanted number, in ms since 1970: older backups cannot be among the newest. */
function oldestOf(backups: readonly FinishedEntry[], limit: number): number {
  if (backups.length < limit) return Number.NEGATIVE_INFINITY
  const last = [...backups].sort(newestFirst)[limit - 1]
  return last === undefined ? Number.NEGATIVE_INFINITY : Date.parse(last.manifest.exportedAt)
}

/**
 * Sorts by the time of their content. Of equal times the one completed later is newer: a consolidated backup has the
 * time of its chain's last backup.
 */
export function newestFirst(a: CatalogEntry, b: CatalogEntry): number {
  const later =
    Date.parse(b.manifest.exportedAt) - Date.parse(a.manifest.exportedAt) ||
    Date.parse(b.manifest.completedAt) - Date.parse(a.manifest.completedAt)
  return later || (a.id < b.id ? 1 : -1)
}

/** The moment whose state a backup has, in ms since 1970. It may be long before the backup was made. */
export function momentOf({ asOf, exportedAt }: Pick<Manifest, 'asOf' | 'exportedAt'>): number {
  return Date.parse(asOf ?? exportedAt)
}
