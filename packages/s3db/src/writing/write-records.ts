import {
  type Batch,
  type Call,
  compareIds,
  type JsonValue,
  type LostRecord,
  type Row,
  type WriteReport,
} from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import type { OnRefusal } from '../client/in-flight.js'
import { deleteObject } from '../client/objects.js'
import { keySet } from '../listing/key-set.js'
import { dataKey, dataPrefix, keysOf } from '../listing/keys.js'
import type { StoredForm, StoredObject } from '../stored-form/index.js'
import { fromRaw } from '../stored-form/stored-object.js'
import { wholeObject } from '../stored-form/whole-object.js'
import { type Confirmed, confirmed } from './check-listed.js'
import { type ExistingIds, existingIds } from './existing-ids.js'
import { type Outcome, orFailed, startReport } from './outcomes.js'
import type { PreparedResource } from './prepare-resources.js'
import { removeStaleReferences } from './stale-references.js'
import { storeRecord, type WritingRecords } from './store-record.js'
import type { WriteContext } from './write-context.js'

/** Records of a resource on their way, and what the storage has said of them. */
type Writing = WritingRecords & { readonly confirmed: Confirmed }

/** One record on its way into the target. */
interface Incoming {
  readonly row: Row
  readonly raw: JsonValue | undefined
  /** What a transform was not shown. */
  readonly hidden: JsonValue | undefined
  readonly exists: boolean
}

/** Writes the records of a resource as they were stored; with mode `replace` removes all others. */
export async function writeRecords(
  context: WriteContext,
  prepared: PreparedResource,
  batches: AsyncIterable<Batch>,
  call: Call,
): Promise<WriteReport> {
  const report = startReport()
  for (const reason of prepared.shortfalls) report.lacks(reason)
  const removesOthers = context.mode === 'replace'
  const written = removesOthers ? keySet() : undefined
  const prefix = dataPrefix(prepared.name)
  const range = context.range && keysOf(prepared.name, context.range)
  const existing = existingIds(context.client, { prefix, range, removesOthers }, call)
  const writing: Writing = { ...context, written, report, confirmed: confirmed() }
  const write = (incoming: Incoming) =>
    orFailed(incoming.row.id, () => writeRecord(writing, prepared, incoming, call))
  for await (const outcome of ordered(incomingOf(batches, existing, prepared), context.writesInFlight, write))
    report.add(outcome)
  if (removesOthers) {
    // Their references are removed at the end, with all other stale ones.
    const remove = (id: string) => orFailed(id, () => removeOther(writing, prepared, id, call))
    for await (const outcome of ordered(existing.others(), context.writesInFlight, remove))
      report.add(outcome)
    if (written !== undefined && !context.dryRun)
      await removeStaleReferences(context, prepared, written, call)
  }
  await writing.confirmed.check(context.client, { prefix, range }, report, call)
  return report.result(context.unreadable)
}

/** Removes a record that the backup does not have, unless it could not be read when the backup was made. */
async function removeOther(
  context: Writing,
  prepared: PreparedResource,
  id: string,
  call: Call,
): Promise<Outcome> {
  const { unreadable } = context
  if (unreadable?.others === true || unreadable?.ids.has(id) === true) return 'kept'
  return removeRecord(context, prepared, id, call)
}

async function* incomingOf(
  batches: AsyncIterable<Batch>,
  existing: ExistingIds,
  { form }: PreparedResource,
): AsyncGenerator<Incoming> {
  for await (const { rows, raw, hidden = nothingHidden } of batches) {
    const unjudged = unjudgedOf(hidden, rows, form)
    const incoming =
      unjudged.length === 0 ? rows : [...rows, ...unjudged].sort((a, b) => compareIds(a.id, b.id))
    for (const row of incoming) {
      const exists = await existing.has(row.id)
      yield { row, raw: raw?.get(row.id), hidden: hidden.get(row.id), exists }
    }
  }
}

const nothingHidden: ReadonlyMap<string, JsonValue> = new Map()

/** Records that a filter left out because it saw nothing of them, though there is more. */
function unjudgedOf(
  hidden: ReadonlyMap<string, JsonValue>,
  rows: readonly Row[],
  form: StoredForm,
): readonly Row[] {
  if (hidden.size === 0) return []
  const present = new Set(rows.map(({ id }) => id))
  return [...hidden]
    .filter(([id, raw]) => !present.has(id) && form.reason(fromRaw(raw, id)) !== undefined)
    .map(([id]) => ({ id }))
}

async function writeRecord(
  context: Writing,
  prepared: PreparedResource,
  incoming: Incoming,
  call: Call,
): Promise<Outcome> {
  const { row, exists } = incoming
  if (!isSafeId(row.id)) return { id: row.id, reason: 'its id would lead out of the resource' }
  if (exists && context.mode === 'skip') return 'skipped'
  const object = storedObjectOf(prepared, incoming, context.transformed)
  if ('reason' in object) return object
  if (context.dryRun) return exists ? 'replaced' : 'restored'
  const storing = (refused: OnRefusal) =>
    storeRecord(context, prepared, { row, object, exists, refused }, call)
  const stored = await context.writes.run(storing, call)
  if (stored === 'skipped') context.confirmed.found(row.id)
  else context.confirmed.stored(row.id)
  return stored
}

/** The object to store: the raw form where the backup has one, else made from the row; with the target's keys. */
function storedObjectOf(
  { name, form, targetForm, version }: PreparedResource,
  { row, raw, hidden }: Incoming,
  transformed: boolean,
): StoredObject | LostRecord {
  const unseen = hidden === undefined ? undefined : form.reason(fromRaw(hidden, `${name}/${row.id}`))
  if (unseen !== undefined)
    return { id: row.id, reason: `nothing of it but the id could be shown: ${unseen}` }
  const whole = transformed ? wholeObject(form, row, version) : undefined
  if (whole !== undefined && 'reason' in whole) return { id: row.id, reason: whole.reason }
  const object = whole ?? (raw === undefined ? form.encode(row, version) : fromRaw(raw, `${name}/${row.id}`))
  if (object === undefined)
    return { id: row.id, reason: 'its row cannot be stored, and there is no raw form of it' }
  if (targetForm === undefined) return object
  const rekeyed = form.rekey(object, targetForm)
  return 'missing' in rekeyed
    ? { id: row.id, reason: `the target lacks ${rekeyed.missing.join(', ')}` }
    : rekeyed
}

async function removeRecord(
  context: Writing,
  prepared: PreparedResource,
  id: string,
  call: Call,
): Promise<Outcome> {
  if (context.dryRun) return 'removed'
  await context.writes.run(() => deleteObject(context.client, dataKey(prepared.name, id), call), call)
  context.confirmed.removed(id)
  return 'removed'
}

/** s3db.js allows no such ids; in a hostile backup one would be a way to other keys or files. */
function isSafeId(id: string): boolean {
  return id !== '' && !/[/\\]/.test(id)
}
