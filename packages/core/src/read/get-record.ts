import { readRecords, type StoredRecord } from './read-records.js'
import { readSpan } from './read-span.js'
import { spanOf } from './span.js'
import type { Place } from './units.js'

/**
 * One record at the end of a chain; `undefined` if there is none. The backups are read one after the other, newest
 * first, so that those older than the one that has or deletes the record are not read.
 */
export async function getRecord(places: readonly Place[], id: string): Promise<StoredRecord | undefined> {
  const span = spanOf(id)
  for (const place of places.toReversed()) {
    for await (const [record] of readRecords([place], span)) if (record !== undefined) return record
    for await (const _ of readSpan(place, 'deleted', span)) return undefined
  }
  return undefined
}
