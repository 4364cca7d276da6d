import { isDeepStrictEqual } from 'node:util'
import type { Batch, Call, JsonValue, Row, Target } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import type { Database } from '@s3db-backup/s3db'
import { type RecordLookup, recordLookups } from '@s3db-backup/s3db/internal'
import type { DrilledResource } from './drill-report.js'

/** Records read at once. */
const readsInFlight = 32

/** Ids that a report names. */
const named = 10

/** What becomes of the comparison, resource by resource. */
export interface Comparison {
  /** Writes nothing: it looks up in the database what it is given. */
  readonly target: Target
  readonly resources: () => Record<string, DrilledResource>
}

/**
 * Compares the records of a backup with those that a database returns for the same ids. Holds a batch and the records
 * being read, whatever their number and order.
 */
export function comparing(database: Database): Comparison {
  const found = new Map<string, DrilledResource>()
  let lookups: (resource: string) => RecordLookup = () => async () => undefined
  const target: Target = {
    async open(_, call) {
      lookups = await recordLookups(database, call)
    },
    async write(resource, batches, call) {
      const result = await compareResource(lookups(resource), batches, call)
      found.set(resource, result)
      return { restored: 0, replaced: 0, skipped: result.records, removed: 0, failed: [] }
    },
  }
  return { target, resources: () => Object.fromEntries(found) }
}

interface Expected {
  readonly row: Row
  readonly raw: JsonValue | undefined
}

async function compareResource(
  lookup: RecordLookup,
  batches: AsyncIterable<Batch>,
  call: Call,
): Promise<DrilledResource> {
  const compare = async ({ row, raw }: Expected) => {
    const found = await lookup(row.id, call)
    const same = found !== undefined && isSameJson([found.row, found.raw], [row, raw])
    return { id: row.id, there: found !== undefined, same }
  }
  const examples: string[] = []
  let [records, compared, different] = [0, 0, 0]
  for await (const { id, there, same } of ordered(recordsOf(batches), readsInFlight, compare)) {
    records += 1
    if (there) compared += 1
    if (same) continue
    different += 1
    if (examples.length < named) examples.push(id)
  }
  return { records, compared, different, examples }
}

async function* recordsOf(batches: AsyncIterable<Batch>): AsyncGenerator<Expected> {
  for await (const { rows, raw } of batches) for (const row of rows) yield { row, raw: raw?.get(row.id) }
}

/** Whether both are written as the same JSON, whatever the order of names. */
function isSameJson(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)))
}
