import { compareIds, type IndexEntry, type Source } from '../src/index.js'
import { contentHash } from '../src/internal.js'
import type { Row } from '../src/ports/source.js'
import { info } from './database.js'

/** Records by resource and id. They may change between backups. */
export type Records = Map<string, Map<string, Row>>

/** A source over maps that tells only what changed since the parent's key index. */
export function incrementalSource(resources: Records): Source {
  return {
    incremental: true,
    describe: async () => ({ database: {}, resources: [...resources.keys()].map((name) => info(name)) }),
    async *read(resource, { since }) {
      const rows = resources.get(resource) ?? new Map<string, Row>()
      const before = new Map<string, IndexEntry>()
      for await (const marks of since?.index ?? []) for (const mark of marks) before.set(mark.id, mark)
      const changed = [...rows.values()]
        .filter((row) => before.get(row.id)?.hash !== contentHash(JSON.stringify(row)))
        .sort((a, b) => compareIds(a.id, b.id))
      yield {
        rows: changed,
        replaced: changed.flatMap(({ id }) => before.get(id) ?? []),
        deleted: [...before.values()].filter(({ id }) => !rows.has(id)),
      }
    },
  }
}
