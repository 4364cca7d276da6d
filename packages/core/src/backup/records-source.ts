import { BackupError } from '../errors.js'
import type { JsonValue } from '../json.js'
import type { Batch, Row, Source } from '../ports/source.js'

/** Records in one batch: what is on its way lives through collections of the young, so few are on their way. */
const batchSize = 128

/** One resource of a plain source. */
export interface RecordsResource {
  /** The records, read once. Each has a string `id`; ascending ids make restores of long chains cheap. */
  readonly records: AsyncIterable<Row> | Iterable<Row>
  readonly attributes?: Readonly<Record<string, JsonValue>> | undefined
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
  for (const [name, resource] of Object.entries(resources)) checkIterable(name, resource)
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

/** A list in the place of `{ records: list }` would be a resource without records, backed up without a word. */
function checkIterable(name: string, resource: unknown): void {
  const given =
    typeof resource === 'object' && resource !== null && 'records' in resource ? resource.records : undefined
  const iterable =
    typeof given === 'object' && given !== null && (Symbol.iterator in given || Symbol.asyncIterator in given)
  if (iterable) return
  throw new BackupError('invalid_options', `The records of ${name} are not an iterable`, {
    suggestion: `Give { ${JSON.stringify(name)}: { records: ... } } with a list, a generator or an async iterable.`,
    metadata: { resource: name },
  })
}
