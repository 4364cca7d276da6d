import { lineFeed } from '../format/lines.js'
import { readContent } from '../format/part-reader.js'
import { damaged } from '../format/stored-part.js'
import type { RecordsOptions } from './open-options.js'
import type { StoredRecord } from './read-records.js'
import type { Place } from './units.js'

/**
 * The rows of one whole backup as they are stored, without a look at what they say: their hashes prove them. Nothing if
 * a chain has to be merged, or only some are wanted.
 */
export function storedContent(
  places: readonly Place[],
  { from, to, ids, fields }: RecordsOptions,
): AsyncIterable<Uint8Array> | undefined {
  const [only, another] = places
  const some = [from, to, ids, fields].some((choice) => choice !== undefined)
  return only === undefined || another !== undefined || some ? undefined : contentOf(only)
}

async function* contentOf({ link: { context }, units }: Place): AsyncGenerator<Uint8Array> {
  for (const part of new Set(units('rows').map((unit) => unit.part))) {
    let records = 0
    for await (const chunk of readContent(context, part)) {
      for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) records += 1
      yield chunk
    }
    if (records !== part.records) throw damaged(context, part, `it has ${records} of ${part.records} records`)
  }
}

/** Rows as JSON lines. */
export function toContent(
  records: readonly StoredRecord[],
  rowOf: (record: StoredRecord) => object,
): Uint8Array {
  return Buffer.from(records.map((record) => `${JSON.stringify(rowOf(record))}\n`).join(''))
}
