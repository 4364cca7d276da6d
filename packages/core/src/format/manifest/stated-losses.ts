import type { Manifest } from '../../manifest.js'
import type { LostRecord, UnnamedLoss } from '../../ports/source.js'
import type { UnreadableRecords } from '../../ports/target.js'

/** The losses of the resources as a manifest states them. */
interface LossEntry {
  readonly name: string
  readonly lost: readonly LostRecord[]
  readonly lostWithoutId?: readonly UnnamedLoss[] | undefined
}

export function hasLosses({ lost, lostWithoutId = [] }: LossEntry): boolean {
  return lost.length + lostWithoutId.length > 0
}

/** The records of which a backup tells nothing: they existed, and could not be read when it was made. */
export function unreadableOf({ lost, lostWithoutId = [] }: Omit<LossEntry, 'name'>): UnreadableRecords {
  return { ids: new Set(lost.map(({ id }) => id)), others: lostWithoutId.length > 0 }
}

/** The entries of everything that a manifest describes. */
export function everyEntry({ resources, internal }: Pick<Manifest, 'resources' | 'internal'>) {
  return [...Object.values(resources), ...Object.values(internal)]
}

/** By resource: the records that are named, and what is known of the others. For the metadata of errors. */
export function lossesOf(entries: readonly LossEntry[]) {
  const lacking = entries.filter(hasLosses)
  const unnamed = lacking.filter(({ lostWithoutId = [] }) => lostWithoutId.length > 0)
  return {
    lost: Object.fromEntries(lacking.map(({ name, lost }) => [name, lost])),
    ...(unnamed.length === 0
      ? {}
      : { lostWithoutId: Object.fromEntries(unnamed.map((entry) => [entry.name, entry.lostWithoutId])) }),
  }
}

/** How many records are lost, in words: `3 records`, `at least 10,003 records`. */
export function howManyLost(entries: readonly LossEntry[]): string {
  const withoutId = entries.flatMap(({ lostWithoutId = [] }) => lostWithoutId)
  const named = entries.reduce((sum, { lost }) => sum + lost.length, 0)
  const count = withoutId.reduce((sum, loss) => sum + (loss.count ?? 0), named)
  const words = `${count} ${count === 1 ? 'record' : 'records'}`
  if (withoutId.every((loss) => loss.count !== null)) return words
  return count === 0 ? 'an unknown number of records' : `at least ${words}`
}

/** How many records of a resource are lost, at least: of what nobody could count, one. */
export function leastLost({ lost, lostWithoutId = [] }: Omit<LossEntry, 'name'>): number {
  return lostWithoutId.reduce((sum, { count }) => sum + (count ?? 1), lost.length)
}
