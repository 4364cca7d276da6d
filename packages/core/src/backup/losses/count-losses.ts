import { everyEntry, hasLosses } from '../../format/manifest/stated-losses.js'
import type { Manifest, ResourceEntry } from '../../manifest.js'
import type { UnnamedLoss } from '../../ports/source.js'

/** The losses of a backup, and how many of them the previous backup had not lost. `undefined` if nothing was lost. */
export function countLosses(
  entries: readonly ResourceEntry[],
  before: Manifest | undefined,
): Manifest['losses'] {
  if (!entries.some(hasLosses)) return undefined
  const earlier = new Map(
    (before === undefined ? [] : everyEntry(before)).map((entry) => [entry.name, entry]),
  )
  let count = 0
  let added = 0
  for (const entry of entries) {
    count += entry.lost.length + sum(entry.lostWithoutId ?? [])
    added += addedTo(entry, earlier.get(entry.name))
  }
  return { count, added, before: before?.id ?? null }
}

function sum(unnamed: readonly UnnamedLoss[]): number {
  return unnamed.reduce((total, loss) => total + (loss.count ?? 0), 0)
}

/** Losses without ids are the same if as many were lost before for the same reason. */
function addedTo({ lost, lostWithoutId = [] }: ResourceEntry, before: ResourceEntry | undefined): number {
  const known = new Set(before?.lost.map(({ id }) => id))
  const unnamed = new Map(before?.lostWithoutId?.map(({ reason, count }) => [reason, count]))
  const named = lost.filter(({ id }) => !known.has(id)).length
  return lostWithoutId.reduce((total, { reason, count }) => {
    const earlier = unnamed.get(reason)
    if (earlier === undefined) return total + (count ?? 1)
    if (count === null) return total + (earlier === null ? 0 : 1)
    return total + (earlier === null ? 0 : Math.max(0, count - earlier))
  }, named)
}
