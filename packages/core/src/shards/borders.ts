import { readState } from '../chain/chain-state.js'
import { type Link, linksOf } from '../chain/read-index.js'
import { entryOf } from '../manifest.js'
import type { Call } from '../ports/driver.js'
import type { Source } from '../ports/source.js'
import { openPlace, type Place } from '../read/units.js'
import { abortable } from '../streams/abortable.js'

/** So many records lie after the border before this one, up to and with this id. */
export interface Border {
  readonly id: string
  readonly records: number
}

/** So many borders are kept of a resource, at most. */
const mostBorders = 65_536

/** An index of more pieces than this is not read: where its pieces begin says enough. */
const mostRead = 64

/**
 * Where a resource may be cut, ids ascending: by what an earlier backup has of it, else by a listing of its ids. Nothing
 * for a resource that has to be read in one piece.
 */
export async function bordersOf(
  resource: string,
  { earlier, source }: { readonly earlier: readonly Link[] | undefined; readonly source: Source },
  call: Call,
): Promise<Border[]> {
  if (source.ranges === undefined) return []
  const known = earlier === undefined ? undefined : await bordersIn(earlier, resource)
  return known ?? sampled(abortable(source.ranges.ids(resource, call), call.signal))
}

/** The same of what a chain has of a resource; nothing if it does not have it in order. */
export async function bordersIn(earlier: readonly Link[], resource: string): Promise<Border[] | undefined> {
  const newest = earlier.at(-1)
  const known = newest === undefined ? undefined : entryOf(newest.manifest, resource)
  if (known?.ordered !== true) return undefined
  const [whole] = linksOf(earlier, resource)
  const place = whole === undefined ? undefined : await openPlace(whole, resource)
  const fromUnits = place === undefined ? [] : unitBorders(place)
  return fromUnits.length > mostRead ? fromUnits : sampled(idsOf(earlier, resource))
}

async function* idsOf(earlier: readonly Link[], resource: string): AsyncGenerator<string[]> {
  for await (const marks of readState(earlier, resource)) yield marks.map(({ id }) => id)
}

/** Where the pieces of the index begin; the records between are estimated by their size. */
function unitBorders(place: Place): Border[] {
  let since = 0
  return place.units('index').flatMap(({ part, member, first }) => {
    const before = since
    const size = member === undefined || part.contentBytes === 0 ? 1 : member.contentBytes / part.contentBytes
    since = (first === undefined ? before : 0) + part.records * size
    return first === undefined ? [] : [{ id: first.id, records: Math.round(before) }]
  })
}

/** Evenly spread ids, at most {@link mostBorders}, however many there are. */
async function sampled(ids: AsyncIterable<readonly string[]>): Promise<Border[]> {
  let step = 1
  let borders: Border[] = []
  let since = 0
  let last: string | undefined
  for await (const batch of ids) {
    for (const id of batch) {
      since += 1
      last = id
      if (since < step) continue
      borders.push({ id, records: since })
      since = 0
      if (borders.length < mostBorders) continue
      borders = halved(borders)
      step *= 2
    }
  }
  if (last !== undefined && since > 0) borders.push({ id: last, records: since })
  return borders
}

function halved(borders: readonly Border[]): Border[] {
  return borders.flatMap((border, at) =>
    at % 2 === 0 ? [] : [{ id: border.id, records: border.records + (borders[at - 1]?.records ?? 0) }],
  )
}
