import type { JsonValue } from './json.js'
import type { Batch, Row, Source } from './source.js'

/** Records in one batch. */
const batchSize = 500

/** One resource of a plain source. */
export interface RecordsResource {
  /** The records, read once. Each has a string `id`; ascending ids make restores of long chains cheap. */
  readonly records: AsyncIterable<Row> | Iterable<Row>
  readonly attributes?: Readonly<Record<string, JsonValue>>
}

/**
 * A source over any iterables of records: for data that is not in s3db.js.
 *
 * @example
 * ```ts
 * import { backup, type Driver, records } from '@s3db-backup/core'
 *
 * async function save(driver: Driver) {
 *   const source = records({ planets: { records: [{ id: 'mars', moons: 2 }] } })
 *   await backup({ source, driver })
 * }
 * ```
 */
export function records(
  resources: Readonly<Record<string, RecordsResource>>,
  database: Readonly<Record<string, JsonValue>> = {},
): Source {
  return {
    async describe() {
      const infos = Object.entries(resources).map(([name, { attributes = {} }]) => ({
        name,
        attributes,
        partitions: {},
        timestamps: false,
      }))
      return { database, resources: infos }
    },
    async *read(resource): AsyncGenerator<Batch> {
      let rows: Row[] = []
      for await (const row of resources[resource]?.records ?? []) {
        rows.push(row)
        if (rows.length < batchSize) continue
        yield { rows }
        rows = []
      }
      if (rows.length > 0) yield { rows }
    },
  }
}
