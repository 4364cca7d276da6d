import * as z from 'zod'
import { mergeSorted, withoutTombstones } from '../chain/merge-sorted.js'
import { overlayAll } from '../chain/read-index.js'
import { compareIds } from '../format/compare-ids.js'
import { damaged } from '../format/stored-part.js'
import { type JsonValue, parsedJson } from '../json.js'
import type { Row } from '../ports/source.js'
import { readSpan, type SpanLine } from './read-span.js'
import { type Span, spanOf } from './span.js'
import { type Place, unitOf } from './units.js'

/** A record as a backup has it. */
export interface StoredRecord {
  readonly id: string
  readonly row: Row
  /** The exact stored form, of a record whose row alone does not give it back. */
  readonly raw?: JsonValue | undefined
}

interface Change {
  readonly id: string
  readonly record?: StoredRecord | undefined
  readonly deleted?: true | undefined
}

/**
 * The records of a resource whose ids are in a span, at the end of a chain: every id once, ids ascending (where there is
 * one backup alone, in the order in which it has them). Holds a batch of each backup.
 */
export async function* readRecords(places: readonly Place[], span: Span): AsyncGenerator<StoredRecord[]> {
  const [only] = places
  if (only === undefined) return
  if (places.length === 1) yield* rowsIn(only, span)
  else
    yield* merged(places, {
      rows: (place) => rowsIn(place, span),
      deletions: (place) => deletionsIn(place, span),
    })
}

/** The records with these ids; those that are not there are left out. */
export async function* readIds(
  places: readonly Place[],
  ids: readonly string[],
): AsyncGenerator<StoredRecord[]> {
  const wanted = new Set(ids)
  const sorted = [...wanted].sort(compareIds)
  const isWanted = ({ id }: { readonly id: string }) => wanted.has(id)
  async function* some<T extends { readonly id: string }>(
    spans: readonly Span[],
    read: (span: Span) => AsyncIterable<T[]>,
  ) {
    for (const span of spans) for await (const batch of read(span)) yield batch.filter(isWanted)
  }
  const spans = (place: Place, holds: string) => spansOf(place, holds, sorted)
  yield* merged(places, {
    rows: (place) => some(spans(place, 'rows'), (span) => rowsIn(place, span)),
    deletions: (place) => some(spans(place, 'deleted'), (span) => deletionsIn(place, span)),
  })
}

/** Ids that lie in one unit, or in two that follow one another, are read together. */
function spansOf(place: Place, holds: string, sorted: readonly string[]): Span[] {
  const [first] = sorted
  const last = sorted.at(-1)
  if (first === undefined || last === undefined) return []
  if (!place.ordered) return [spanOf(first, last)]
  const units = place.units(holds)
  const groups: { first: string; last: string; unit: number }[] = []
  for (const id of sorted) {
    const unit = unitOf(units, id)
    const group = groups.at(-1)
    if (group !== undefined && unit - group.unit <= 1) Object.assign(group, { last: id, unit })
    else groups.push({ first: id, last: id, unit })
  }
  return groups.map((group) => spanOf(group.first, group.last))
}

interface Reading {
  readonly rows: (place: Place) => AsyncIterable<StoredRecord[]>
  readonly deletions: (place: Place) => AsyncIterable<Change[]>
}

async function* merged(
  places: readonly Place[],
  { rows, deletions }: Reading,
): AsyncGenerator<StoredRecord[]> {
  const streams = places.map((place) => {
    const own = changes(rows(place))
    return place.units('deleted').length === 0 ? own : mergeSorted(own, deletions(place))
  })
  for await (const batch of withoutTombstones(overlayAll(streams)))
    yield batch.flatMap(({ record }) => (record === undefined ? [] : [record]))
}

async function* changes(batches: AsyncIterable<StoredRecord[]>): AsyncGenerator<Change[]> {
  for await (const batch of batches) yield batch.map((record) => ({ id: record.id, record }))
}

async function* deletionsIn(place: Place, span: Span): AsyncGenerator<Change[]> {
  for await (const lines of readSpan(place, 'deleted', span))
    yield lines.map(({ id }) => ({ id, deleted: true }))
}

/** The rows of one backup, each with its raw form. Both kinds are in the same order. */
async function* rowsIn(place: Place, span: Span): AsyncGenerator<StoredRecord[]> {
  const raws = rawsIn(place, span)
  try {
    let next = place.units('raw').length === 0 ? undefined : await nextOf(raws)
    for await (const lines of readSpan(place, 'rows', span)) {
      const records: StoredRecord[] = []
      for (const { id, value, part } of lines) {
        if (!isRow(value)) throw damaged(place.link.context, part, 'a line is not a record with an id')
        const raw = next?.id === id ? next.raw : undefined
        if (next?.id === id) next = await nextOf(raws)
        records.push({ id, row: value, ...(raw === undefined ? {} : { raw }) })
      }
      yield records
    }
    if (next !== undefined)
      throw damaged(place.link.context, next.part, `record ${JSON.stringify(next.id)} has no row`)
  } finally {
    await raws.return()
  }
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
}

const rawLine = z.looseObject({ id: z.string(), raw: parsedJson })

interface RawRecord extends Pick<SpanLine, 'id' | 'part'> {
  readonly raw: JsonValue
}

async function* rawsIn(place: Place, span: Span): AsyncGenerator<RawRecord, void, undefined> {
  for await (const lines of readSpan(place, 'raw', span))
    for (const { id, value, part } of lines) {
      const parsed = rawLine.safeParse(value)
      if (!parsed.success) throw damaged(place.link.context, part, 'a line is not a raw record')
      yield { id, raw: parsed.data.raw, part }
    }
}

async function nextOf(raws: AsyncGenerator<RawRecord, void, undefined>): Promise<RawRecord | undefined> {
  const step = await raws.next()
  return step.done === true ? undefined : step.value
}
