import { type Link, linksOf } from '../chain/read-index.js'
import { partsOf } from '../manifest.js'
import { onceEach } from '../once-each.js'
import type { Batch } from '../ports/source.js'
import { readIds } from '../read/read-records.js'
import { openPlaces } from '../read/units.js'

/** Reads single records of a chain. Their positions are read once, however often records are requested. */
export interface RecordsById {
  /** Whether single records of a resource can be read without the others. */
  canRead(resource: string): boolean
  /** The records with these ids as batches, every byte compared with its hash. */
  read(resource: string, ids: readonly string[]): AsyncIterable<Batch>
}

export function recordsById(chain: readonly Link[]): RecordsById {
  const placesOf = onceEach((resource) => openPlaces(linksOf(chain, resource), resource))
  return {
    canRead: (resource) =>
      linksOf(chain, resource).some(({ manifest }) => partsOf(manifest, resource, 'offsets').length > 0),
    async *read(resource, ids) {
      for await (const records of readIds(await placesOf(resource), ids))
        yield {
          rows: records.map(({ row }) => row),
          raw: new Map(records.flatMap(({ id, raw }) => (raw === undefined ? [] : [[id, raw]]))),
        }
    },
  }
}
