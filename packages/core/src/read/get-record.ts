import { readRecords, type StoredRecord } from './read-records.js'
import { readSpan } from './read-span.js'
import { spanOf } from './span.js'
import type { Place } from './units.js'

/**
 * One record at the end of a chain; nothing if there is none. The backups are asked one after the other, the newest
 * first, so that those below the one that has it, or deletes it, are not read.
 */
export async function getRecord(places: readonly Place[], id: string): Promise<StoredRecord | undefined> {
  const span = spanOf(id)
  for (const place of places.toReversed()) {
    for await (const [record] of readRecords([place], span)) if (record !== undefined) return record
    for await (const _ of readSpan(place, 'deleted', span)) return undefined
  }
  return undefined
}
