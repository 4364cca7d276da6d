import {
  abortable,
  type Batch,
  type Call,
  type IncrementalBase,
  type IndexEntry,
  type JsonValue,
  type LostRecord,
  type Row,
  type RowIndexEntry,
} from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import type { Client } from '../client/database.js'
import { ahead } from '../listing/ahead.js'
import { isListed } from '../listing/is-listed.js'
import type { StorageClock } from '../listing/steady-listing.js'
import {
  type ListedAs,
  type ListedRecord,
  type ListedRecords,
  steadyListing,
} from '../listing/steady-listing.js'
import { compareListing, type Finding, withoutIndex } from './compare-listing.js'
import type { ReadOutcome, ReadRecord, RecordReader } from './record-reader.js'

/** Where records lie and how they are read. */
export interface ReadRecords extends ListedAs {
  readonly client: Client
  /** Ascending, so that what is read is ordered as a whole. */
  readonly prefixes: readonly string[]
  readonly read: RecordReader
  readonly clock: StorageClock
  /** How the objects below a prefix are listed. Default: in their current state. */
  readonly list?: ((prefix: string, call: Call) => AsyncIterable<ListedRecords>) | undefined
  /** Objects that are held at once: being read, or read and waiting for those before them. */
  readonly readsInFlight: number
}

/**
 * Records in one batch. Records in flight survive garbage collections of the young generation, so few are in flight.
 */
const batchSize = 64

/**
 * Lists once and reads what is needed: everything, or with `since` only what the parent's key index does not
 * show to be unchanged. Reads run side by side; batches come in the order of the listing.
 */
export async function* readBatches(
  records: ReadRecords,
  since: IncrementalBase | undefined,
  call: Call,
): AsyncGenerator<Batch> {
  records.clock.goOn(since?.cursor)
  // The next page is listed while this one is compared, and both happen while records are read.
  const listing = ahead(abortable(listAll(records, call), call.signal))
  const found = ahead(since === undefined ? withoutIndex(listing) : compareListing(listing, since.index))
  const work = async (finding: Finding) => ({
    finding,
    outcome: 'gone' in finding ? undefined : await readListed(records, finding.listed, call),
  })
  let listed = 0
  let expected = 0
  const findings = async function* () {
    for await (const page of found) {
      listed += page.listed
      expected = listed + page.toCome
      yield* page.findings
    }
  }
  let batch = startBatch()
  for await (const { finding, outcome } of ordered(findings(), records.readsInFlight, work)) {
    batch.add(finding, outcome)
    if (batch.size() < batchSize) continue
    yield batch.result(expected)
    batch = startBatch()
  }
  yield { ...batch.result(expected), cursor: records.clock.cursor() }
}

async function* listAll(records: ReadRecords, call: Call): AsyncGenerator<ListedRecords> {
  const { client, prefixes, clock, list } = records
  for (const prefix of prefixes)
    yield* list === undefined ? steadyListing(client, prefix, records, clock, call) : list(prefix, call)
}

/** A record that is deleted and made again all the time is met sooner or later. */
const looks = 4

/** Reads a listed object; again if the listing still has what could not be found: it was deleted and made again. */
async function readListed(
  { client, read }: ReadRecords,
  listed: ListedRecord,
  call: Call,
): Promise<ReadOutcome> {
  for (let look = 1; ; look++) {
    const outcome = await read(listed, call)
    if (outcome !== 'absent') return outcome
    if (look === looks) return { lost: 'it is listed but cannot be found' }
    if (!(await isListed(client, listed.key, call))) return outcome
  }
}

/** Gathers what became of records into a batch. */
function startBatch() {
  const rows: Row[] = []
  const marks: RowIndexEntry[] = []
  const raw = new Map<string, JsonValue>()
  const unclear = new Map<string, string>()
  const replaced: IndexEntry[] = []
  const deleted: IndexEntry[] = []
  const refreshed: IndexEntry[] = []
  const lost: LostRecord[] = []
  let vanished = 0
  let size = 0

  const addRead = (listed: ListedRecord, before: IndexEntry | undefined, outcome: ReadRecord) => {
    const mark = { id: listed.id, modified: listed.remembered }
    if (before !== undefined && outcome.isUnchangedSince(before)) {
      if (before.modified !== mark.modified) refreshed.push({ ...mark, hash: before.hash })
      return
    }
    rows.push(outcome.row)
    marks.push(mark)
    if (outcome.raw !== undefined) raw.set(listed.id, outcome.raw)
    if (outcome.unclear !== undefined) unclear.set(listed.id, outcome.unclear)
    if (before !== undefined) replaced.push(before)
  }

  return {
    size: () => size,
    add(finding: Finding, outcome: ReadOutcome | undefined) {
      size += 1
      if ('gone' in finding) deleted.push(finding.gone)
      else if (outcome === undefined || outcome === 'absent') {
        if (finding.before === undefined) vanished += 1
        else deleted.push(finding.before)
      } else if ('lost' in outcome) lost.push({ id: finding.listed.id, reason: outcome.lost })
      else addRead(finding.listed, finding.before, outcome)
    },
    result: (expected: number): Batch => ({
      rows,
      raw,
      ...(unclear.size === 0 ? {} : { unclear }),
      marks,
      replaced,
      deleted,
      refreshed,
      lost,
      vanished,
      expected,
    }),
  }
}
