import { type Batch, compareIds, type IndexEntry, type Row, type Source } from '@s3db-backup/core'
import { contentHash } from '@s3db-backup/core/internal'

/** A database as plain objects: records by resource. What a restore has to give back, exactly. */
export type State = Readonly<Record<string, readonly Row[]>>

/** Every record by resource and id, in a form in which two states can be compared. */
export function comparable(state: State): Record<string, Record<string, Row>> {
  return Object.fromEntries(
    Object.entries(state).map(([name, rows]) => [name, Object.fromEntries(rows.map((row) => [row.id, row]))]),
  )
}

/** A source over a state that tells an incremental backup what changed. */
export function sourceOf(state: State): Source {
  return {
    incremental: true,
    describe: async () => ({
      database: { bucket: 'trust' },
      resources: Object.keys(state).map((name) => ({
        name,
        attributes: { name: 'string' },
        partitions: {},
        timestamps: false,
      })),
    }),
    async *read(resource, { since }) {
      const rows = (state[resource] ?? []).toSorted((a, b) => compareIds(a.id, b.id))
      if (since === undefined) yield* inBatches(rows)
      else yield await changesIn(rows, since.index)
    },
  }
}

const batchSize = 5

function* inBatches(rows: readonly Row[]): Generator<Batch> {
  for (let from = 0; from < rows.length; from += batchSize) yield { rows: rows.slice(from, from + batchSize) }
}

async function changesIn(rows: readonly Row[], index: AsyncIterable<readonly IndexEntry[]>): Promise<Batch> {
  const before = new Map<string, IndexEntry>()
  for await (const marks of index) for (const mark of marks) before.set(mark.id, mark)
  const changed = rows.filter((row) => before.get(row.id)?.hash !== contentHash(JSON.stringify(row)))
  const ids = new Set(rows.map(({ id }) => id))
  return {
    rows: changed,
    replaced: changed.flatMap(({ id }) => before.get(id) ?? []),
    deleted: [...before.values()].filter(({ id }) => !ids.has(id)),
  }
}

/** The database on so many days: each day some records are new, some are other and some are gone. */
export function stateOn(day: number): State {
  const ids = Array.from({ length: 14 }, (_, index) => index)
  const users = ids
    .filter((index) => (index + day) % 5 !== 0)
    .map((index) => ({
      id: `u${String(index).padStart(3, '0')}`,
      name: `Zoë ${index} 日本 😀`,
      visits: index % 3 === 0 ? index * day : index,
      note: index % 4 === 0 ? 'a\r\nb\u2028c'.repeat(20) : null,
    }))
  const orders = ids
    .slice(0, 4 + day)
    .map((index) => ({ id: `o${index}`, paid: index < day, sum: 0.1 * index }))
  return { users, orders }
}
