import {
  abortable,
  type Batch,
  type Call,
  type JsonValue,
  type LostRecord,
  type Mark,
  ordered,
  type Row,
  type Since,
} from '@s3db-backup/core'
import { compareListing, type Finding } from './compare-listing.js'
import type { Client } from './database.js'
import { listObjects } from './objects.js'
import type { ReadOutcome, RecordReader } from './record-reader.js'
import { type ListedRecord, steadyListing } from './steady-listing.js'

/** Where records lie and how they are read. */
export interface ReadRecords {
  readonly client: Client
  /** Ascending, so that what is read is ordered as a whole. */
  readonly prefixes: readonly string[]
  readonly idOf: (key: string) => string
  readonly read: RecordReader
  readonly readsInFlight: number
}

/** Records in one batch. */
const batchSize = 256

/**
 * Lists once and reads what is needed: everything, or with `since` only what the parent's key index does not
 * show to be unchanged. Reads run side by side; batches come in the order of the listing.
 */
export async function* readBatches(
  records: ReadRecords,
  since: Since | undefined,
  call: Call,
): AsyncGenerator<Batch> {
  const listing = abortable(listAll(records, call), call.signal)
  const found = compareListing(listing, since?.index ?? nothing())
  let expected = 0
  for await (const { findings, listed } of found) {
    expected += listed
    let batch = startBatch(records.client)
    const work = async (finding: Finding) => ({
      finding,
      outcome: 'gone' in finding ? undefined : await records.read(finding.listed, call),
    })
    for await (const { finding, outcome } of ordered(findings, records.readsInFlight, work)) {
      await batch.add(finding, outcome, call)
      if (batch.size() < batchSize) continue
      yield batch.result(expected)
      batch = startBatch(records.client)
    }
    if (batch.size() > 0) yield batch.result(expected)
  }
}

async function* listAll({ client, prefixes, idOf }: ReadRecords, call: Call): AsyncGenerator<ListedRecord[]> {
  for (const prefix of prefixes) yield* steadyListing(client, prefix, idOf, call)
}

async function* nothing(): AsyncGenerator<Mark[]> {
  // A full backup compares with nothing.
}

/** Gathers what became of records into a batch. */
function startBatch(client: Client) {
  const rows: Row[] = []
  const marks: Mark[] = []
  const raw = new Map<string, JsonValue>()
  const replaced: Mark[] = []
  const deleted: Mark[] = []
  const refreshed: Mark[] = []
  const lost: LostRecord[] = []
  let vanished = 0
  let size = 0

  const addRead = (
    listed: ListedRecord,
    before: Mark | undefined,
    outcome: Exclude<ReadOutcome, string | { lost: string }>,
  ) => {
    const mark = { id: listed.id, modified: listed.remembered, hash: outcome.hash }
    if (before?.hash === outcome.hash) {
      if (before.modified !== mark.modified) refreshed.push(mark)
      return
    }
    rows.push(outcome.row)
    marks.push(mark)
    if (outcome.raw !== undefined) raw.set(listed.id, outcome.raw)
    if (before !== undefined) replaced.push(before)
  }

  return {
    size: () => size,
    async add(finding: Finding, outcome: ReadOutcome | undefined, call: Call) {
      size += 1
      if ('gone' in finding) deleted.push(finding.gone)
      else if (outcome === undefined || outcome === 'absent') {
        const { listed, before } = finding
        if (await isListed(client, listed.key, call))
          lost.push({ id: listed.id, reason: 'it is listed but cannot be found' })
        else if (before === undefined) vanished += 1
        else deleted.push(before)
      } else if ('lost' in outcome) lost.push({ id: finding.listed.id, reason: outcome.lost })
      else addRead(finding.listed, finding.before, outcome)
    },
    result: (expected: number): Batch => ({
      rows,
      raw,
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

/** Tells an object that was deleted meanwhile from one that is there and cannot be read. */
async function isListed(client: Client, key: string, call: Call): Promise<boolean> {
  for await (const objects of listObjects(client, key, call))
    if (objects.some((object) => object.key === key)) return true
  return false
}
