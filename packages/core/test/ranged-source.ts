import { compareIds, type IdRange, type Row, type Source } from '../src/index.js'
import { contentHash } from '../src/internal.js'
import { info } from './database.js'
import type { Records } from './incremental-source.js'

/** What a test does between two batches of a read. */
export type OnBatch = (resource: string, range: IdRange) => void | Promise<void>

/** A source over maps that reads ranges of ids, and tells only what changed since the parent's key index. */
export function rangedSource(resources: Records, onBatch: OnBatch = () => undefined): Source {
  const sorted = (resource: string) =>
    [...(resources.get(resource) ?? new Map<string, Row>()).values()].sort((a, b) => compareIds(a.id, b.id))
  const isIn = ({ after, upTo }: IdRange, id: string) =>
    (after === undefined || compareIds(id, after) > 0) && (upTo === undefined || compareIds(id, upTo) <= 0)
  return {
    incremental: true,
    describe: async () => ({ database: {}, resources: [...resources.keys()].map((name) => info(name)) }),
    ranges: {
      async *ids(resource) {
        yield sorted(resource).map(({ id }) => id)
      },
      joinCursors: (cursors) => Math.max(...cursors.map(Number)),
    },
    async *read(resource, { since, range = {} }) {
      const hash = (row: Row) => contentHash(JSON.stringify(row))
      const before = new Map<string, { id: string; modified: number; hash: string }>()
      for await (const marks of since?.index ?? []) for (const mark of marks) before.set(mark.id, mark)
      const gone = new Map(before)
      const rows = sorted(resource).filter(({ id }) => isIn(range, id))
      for (let from = 0; from < Math.max(1, rows.length); from += 7) {
        await onBatch(resource, range)
        const some = rows.slice(from, from + 7)
        for (const { id } of some) gone.delete(id)
        const changed = some.filter((row) => before.get(row.id)?.hash !== hash(row))
        yield { rows: changed, replaced: changed.flatMap(({ id }) => before.get(id) ?? []), cursor: from }
      }
      yield { rows: [], deleted: [...gone.values()] }
    },
  }
}

export function recordsOf(contents: Readonly<Record<string, readonly Row[]>>): Records {
  return new Map(
    Object.entries(contents).map(([name, rows]) => [name, new Map(rows.map((row) => [row.id, row]))]),
  )
}
