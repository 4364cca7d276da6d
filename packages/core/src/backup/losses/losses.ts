import type { ResourceEntry } from '../../manifest.js'
import type { LostRecord, UnnamedLoss } from '../../ports/source.js'

/** Lost records that the manifest names, of one resource; those beyond are counted. */
export const mostNamed = 10_000

/** The same limit for all resources of a backup together, because a manifest has a maximum size. */
export const mostNamedInAll = 50_000

/** How many reasons are kept apart for losses without an id. */
const mostReasons = 100

/** Characters of a reason that are kept. */
const longestReason = 300

const otherReasons = 'other reasons'

/** How many lost records may still be named. Shared by the resources of a backup. */
export interface NamesLeft {
  count: number
}

/** The records of a resource that could not be read. */
export interface Losses {
  add(lost: readonly LostRecord[], withoutId: readonly UnnamedLoss[]): void
  /** Whether anything was lost. */
  any(): boolean
  /** For the manifest. */
  result(): Pick<ResourceEntry, 'lost' | 'lostWithoutId'>
}

/** Gathers losses: by id as long as there are not too many, by reason beyond that. */
export function losses(namesLeft: NamesLeft): Losses {
  const named: LostRecord[] = []
  const unnamed = new Map<string, number | null>()

  const addUnnamed = ({ reason, count }: UnnamedLoss) => {
    const known = unnamed.has(reason) || unnamed.size < mostReasons
    const key = known ? reason : otherReasons
    const before = unnamed.get(key)
    unnamed.set(key, before === null || count === null ? null : (before ?? 0) + count)
  }

  return {
    add(lost, withoutId) {
      for (const { id, reason: whole } of lost) {
        const reason = shortened(whole)
        if (named.length < mostNamed && namesLeft.count > 0) {
          namesLeft.count -= 1
          named.push({ id, reason })
        } else addUnnamed({ reason, count: 1 })
      }
      for (const { reason, count } of withoutId) addUnnamed({ reason: shortened(reason), count })
    },
    any: () => named.length + unnamed.size > 0,
    result() {
      const withoutId = [...unnamed].map(([reason, count]) => ({ reason, count }))
      const lost = named.map((record) => ({ ...record }))
      return { lost, ...(withoutId.length === 0 ? {} : { lostWithoutId: withoutId }) }
    },
  }
}

function shortened(reason: string): string {
  return reason.length <= longestReason ? reason : `${reason.slice(0, longestReason - 1)}…`
}
