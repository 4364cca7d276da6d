import type { Link } from '../chain/read-index.js'
import { linksOf } from '../chain/read-index.js'
import { partsOf } from '../manifest.js'
import type { Batch } from '../ports/source.js'
import { readIds } from '../read/read-records.js'
import { openPlace } from '../read/units.js'

/** Whether single records of a resource can be read without the others. */
export function canBeReadById(chain: readonly Link[], resource: string): boolean {
  return linksOf(chain, resource).some(({ manifest }) => partsOf(manifest, resource, 'offsets').length > 0)
}

/** The records with these ids as batches, every byte compared with its hash. */
export async function* recordsById(
  chain: readonly Link[],
  resource: string,
  ids: readonly string[],
): AsyncGenerator<Batch> {
  const places = await Promise.all(linksOf(chain, resource).map((link) => openPlace(link, resource)))
  for await (const records of readIds(places, ids))
    yield {
      rows: records.map(({ row }) => row),
      raw: new Map(records.flatMap(({ id, raw }) => (raw === undefined ? [] : [[id, raw]]))),
    }
}
