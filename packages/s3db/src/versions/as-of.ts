import type { VersionsPage } from './list-versions.js'
import { type ListedVersion, nullVersion } from './parse-versions.js'

/** A key as it was at a moment: a version of it, the reason why that is unknown, or its absence; and what it is now. */
export type PastKey = { readonly key: string; readonly latest: ListedVersion } & (
  | { readonly version: ListedVersion }
  | { readonly lost: string }
  | { readonly absent: true }
)

/** Keys as they were at a moment. */
export interface PastPage {
  readonly keys: readonly PastKey[]
  /** Versions and markers that were looked at. */
  readonly entries: number
  /** Versions and markers within two seconds of the moment: on which side they are is as exact as the storage's clock. */
  readonly near: number
}

/** The known rules for how long versions are kept. */
export interface Keeping {
  /** In ms since 1970: of what was overwritten or deleted before this, a lifecycle rule may have removed versions. */
  readonly expiredBefore: number | undefined
  /** Which rule, in a sentence. */
  readonly rules: string | undefined
  /** Whether versioning may have been off at the moment. */
  readonly unversioned: boolean
}

/** In ms. */
export const nearness = 2000

/**
 * Picks of each key what was there at a moment (ms since 1970): of the entries that are not later, the one that is listed
 * first. What the storage itself takes for the newest is so at every later moment, too. Holds one entry of a key, however
 * many versions it has. ETags are not looked at: all records without a body have the same.
 */
export async function* keysAsOf(
  pages: AsyncIterable<VersionsPage>,
  at: number,
  keeping: Keeping,
): AsyncGenerator<PastPage> {
  let current: Seen | undefined
  for await (const { entries } of pages) {
    const keys: PastKey[] = []
    let near = 0
    for (const entry of entries) {
      if (Math.abs(entry.modified - at) <= nearness) near += 1
      if (current?.key !== entry.key) {
        keys.push(...(current === undefined ? [] : conclusion(current, keeping)))
        current = { key: entry.key, latest: entry, chosen: undefined, oldest: entry, unversionedSince: false }
      }
      current.oldest = entry
      if (entry.modified > at) current.unversionedSince ||= entry.versionId === nullVersion
      // The listing has the newest first, even where clocks of several servers say otherwise.
      else current.chosen ??= entry
    }
    yield { keys, entries: entries.length, near }
  }
  if (current !== undefined) yield { keys: conclusion(current, keeping), entries: 0, near: 0 }
}

interface Seen {
  readonly key: string
  readonly latest: ListedVersion
  chosen: ListedVersion | undefined
  oldest: ListedVersion
  /** Whether it was written without a version since: that took the place of what was there without one. */
  unversionedSince: boolean
}

function conclusion(seen: Seen, { expiredBefore, rules, unversioned }: Keeping): PastKey[] {
  const { key, latest, chosen, oldest, unversionedSince } = seen
  const of = { key, latest }
  if (unversionedSince)
    return [
      { ...of, lost: 'it was written later while versioning was off, which overwrote the earlier state' },
    ]
  if (chosen?.isMarker === true) return [{ ...of, absent: true }]
  if (chosen !== undefined) return [{ ...of, version: chosen }]
  if (oldest.isMarker) return [{ ...of, lost: 'it was deleted later, and its earlier versions are gone' }]
  if (expiredBefore !== undefined && oldest.modified <= expiredBefore)
    return [{ ...of, lost: `its version of that time may be gone: ${rules}` }]
  if (unversioned)
    return [{ ...of, lost: 'nothing shows whether it was there: versioning may have been off at that time' }]
  return [{ ...of, absent: true }]
}
