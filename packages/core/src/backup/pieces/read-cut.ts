import { mergeSorted, withoutTombstones } from '../../chain/merge-sorted.js'
import { type IndexChange, type Link, linksOf, overlayAll, toMark } from '../../chain/read-index.js'
import type { IdRange, IndexEntry } from '../../ports/source.js'
import { readSpan } from '../../read/read-span.js'
import type { Span } from '../../read/span.js'
import { openPlaces, type Place } from '../../read/units.js'
import { toSpan } from './id-range.js'

/**
 * The marks of the records in a range that a resource has at the end of a chain, ids ascending. Where the backups have
 * offsets, little more than the range is read of them.
 */
export async function* readCut(
  chain: readonly Link[],
  resource: string,
  range: IdRange,
): AsyncGenerator<IndexEntry[]> {
  const places = await openPlaces(linksOf(chain, resource), resource)
  const changes = overlayAll(places.map((place) => cutOf(place, toSpan(range))))
  for await (const entries of withoutTombstones(changes))
    yield entries.flatMap((entry) => (entry.deleted === true ? [] : [entry]))
}

function cutOf(place: Place, span: Span): AsyncIterable<readonly IndexChange[]> {
  const marks = marksIn(place, span)
  return place.units('deleted').length === 0 ? marks : mergeSorted<IndexChange>(marks, deletedIn(place, span))
}

async function* marksIn(place: Place, span: Span): AsyncGenerator<IndexEntry[]> {
  for await (const lines of readSpan(place, 'index', span))
    yield lines.map(({ value, part }) => toMark(value, place.link.context, part))
}

async function* deletedIn(place: Place, span: Span): AsyncGenerator<{ id: string; deleted: true }[]> {
  for await (const lines of readSpan(place, 'deleted', span))
    yield lines.map(({ id }) => ({ id, deleted: true as const }))
}
