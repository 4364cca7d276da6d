import type { JsonValue } from '../json.js'
import { partsOf } from '../manifest.js'
import type { Batch, Row } from '../ports/source.js'
import { withoutTombstones } from './merge-sorted.js'
import { type Link, linksOf, overlayAll, readDeleted } from './read-index.js'
import { readResource } from './read-resource.js'

/** A record of a chain as its newest link has it. */
interface ChainRecord {
  readonly id: string
  readonly row?: Row | undefined
  readonly raw?: JsonValue | undefined
  readonly deleted?: true | undefined
}

/**
 * The state of a resource at the newest backup of a chain, in one pass over all its links. The common case, a single
 * full backup, is passed through directly.
 */
export function readChain(chain: readonly Link[], resource: string): AsyncIterable<Batch> {
  const links = linksOf(chain, resource)
  const [only] = links
  if (only !== undefined && links.length === 1) return readResource(only.context, only.manifest, resource)
  const streams = links.flatMap((link) => [records(link, resource), deletions(link, resource)])
  return toBatches(withoutTombstones(overlayAll(streams)))
}

async function* records({ context, manifest }: Link, resource: string): AsyncGenerator<ChainRecord[]> {
  for await (const { rows, raw } of readResource(context, manifest, resource)) {
    yield rows.map((row) => ({ id: row.id, row, raw: raw?.get(row.id) }))
  }
}

function deletions({ context, manifest }: Link, resource: string): AsyncIterable<ChainRecord[]> {
  return readDeleted(context, partsOf(manifest, resource, 'deleted'))
}

async function* toBatches(records: AsyncIterable<ChainRecord[]>): AsyncGenerator<Batch> {
  for await (const batch of records) {
    const rows: Row[] = []
    const raw = new Map<string, JsonValue>()
    for (const record of batch) {
      if (record.row === undefined) continue
      rows.push(record.row)
      if (record.raw !== undefined) raw.set(record.id, record.raw)
    }
    if (rows.length > 0) yield { rows, raw }
  }
}
