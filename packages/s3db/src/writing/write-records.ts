import type { Batch, Call, JsonValue, LostRecord, Row, WriteReport } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import { type Creation, createObject } from '../client/create-object.js'
import type { OnRefusal } from '../client/in-flight.js'
import { deleteObject, writeObject } from '../client/objects.js'
import { dataKey, dataPrefix } from '../listing/keys.js'
import type { StoredObject } from '../stored-form/index.js'
import { fromRaw } from '../stored-form/stored-object.js'
import { type ExistingIds, existingIds } from './existing-ids.js'
import { type KeySet, keySet } from './key-set.js'
import { type Outcome, orFailed, type Report, startReport } from './outcomes.js'
import {
  deleteReferences,
  type RefusedReference,
  referenceKeys,
  storedReferences,
  writeReferences,
} from './partition-references.js'
import type { PreparedResource } from './prepare-resources.js'
import { removeStaleReferences } from './stale-references.js'
import type { WriteContext } from './write-context.js'

interface WritingRecords extends WriteContext {
  /** With `replace`: the references of the records that were written. All others are looked at in the end. */
  readonly written: KeySet | undefined
  readonly report: Report
}

/** One record on its way into the target. */
interface Incoming {
  readonly row: Row
  readonly raw: JsonValue | undefined
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
  const written = context.mode === 'replace' ? keySet() : undefined
  const existing = existingIds(context.client, dataPrefix(prepared.name), call)
  const write = (incoming: Incoming) =>
    orFailed(incoming.row.id, () => writeRecord({ ...context, written, report }, prepared, incoming, call))
  for await (const outcome of ordered(incomingOf(batches, existing), context.writesInFlight, write))
    report.add(outcome)
  if (context.mode === 'replace') {
    // Their references go with all others that are stale, in the end.
    const remove = (id: string) => orFailed(id, () => removeOther(context, prepared, id, call))
    for await (const outcome of ordered(existing.others(), context.writesInFlight, remove))
      report.add(outcome)
    if (written !== undefined && !context.dryRun)
      await removeStaleReferences(context, prepared, written, call)
  }
  return report.result(context.unreadable)
}

/** Removes a record that the backup does not have, unless it could not be read when the backup was made. */
async function removeOther(
  context: WriteContext,
  prepared: PreparedResource,
  id: string,
  call: Call,
): Promise<Outcome> {
  const { unreadable } = context
  if (unreadable?.others === true || unreadable?.ids.has(id) === true) return 'kept'
  return removeRecord(context, prepared, id, call)
}

async function* incomingOf(batches: AsyncIterable<Batch>, existing: ExistingIds): AsyncGenerator<Incoming> {
  for await (const { rows, raw } of batches) {
    for (const row of rows) yield { row, raw: raw?.get(row.id), exists: await existing.has(row.id) }
  }
}

async function writeRecord(
  context: WritingRecords,
  prepared: PreparedResource,
  incoming: Incoming,
  call: Call,
): Promise<Outcome> {
  const { row, exists } = incoming
  if (!isSafeId(row.id)) return { id: row.id, reason: 'its id would lead out of the resource' }
  if (exists && context.mode === 'skip') return 'skipped'
  const object = storedObjectOf(prepared, incoming)
  if ('reason' in object) return object
  if (!context.dryRun) {
    const storing = (refused: OnRefusal) => store(context, prepared, { row, object, exists, refused }, call)
    if ((await context.writes.run(storing, call)) === 'exists') return 'skipped'
  }
  return exists ? 'replaced' : 'restored'
}

/** The object to store: the raw form where the backup has one, else made from the row; with the target's keys. */
function storedObjectOf(
  { name, form, targetForm, version }: PreparedResource,
  { row, raw }: Incoming,
): StoredObject | LostRecord {
  const object = raw === undefined ? form.encode(row, version) : fromRaw(raw, `${name}/${row.id}`)
  if (object === undefined)
    return { id: row.id, reason: 'its row cannot be stored, and there is no raw form of it' }
  if (targetForm === undefined) return object
  const rekeyed = form.rekey(object, targetForm)
  return 'missing' in rekeyed
    ? { id: row.id, reason: `the target lacks ${rekeyed.missing.join(', ')}` }
    : rekeyed
}

interface Storing {
  readonly row: Row
  readonly object: StoredObject
  readonly exists: boolean
  readonly refused: OnRefusal
}

/**
 * References first, the record after them: once a record is there, an interrupted restore that is run again
 * passes over it, so everything that belongs to it must be there before.
 *
 * What was not there when it was listed may be by now, because the application goes on. With `skip` the storage
 * decides, in the write itself; `exists` says that the record there is another one.
 */
async function store(
  context: WritingRecords,
  prepared: PreparedResource,
  { row, object, exists, refused }: Storing,
  call: Call,
): Promise<Creation> {
  const { client, written } = context
  const { resource } = prepared
  const keys = resource === undefined ? [] : referenceKeys(resource, row)
  const stale =
    exists && written === undefined
      ? (await storedReferences(client, prepared, row.id, call)).filter((key) => !keys.includes(key))
      : []
  const refusedKeys = resource === undefined ? [] : await writeReferences(client, resource, keys, call)
  const key = dataKey(prepared.name, row.id)
  if (context.mode === 'skip') {
    if ((await createObject(client, key, object, call, refused)) === 'created') {
      tellRefused(context, row.id, refusedKeys)
      return 'created'
    }
    const theirs = await storedReferences(client, prepared, row.id, call)
    await deleteReferences(
      client,
      keys.filter((reference) => !theirs.includes(reference)),
      call,
    )
    return 'exists'
  }
  await writeObject(client, key, object, call, refused)
  await deleteReferences(client, stale, call)
  for (const reference of keys) written?.add(reference)
  tellRefused(context, row.id, refusedKeys)
  return 'created'
}

/** The record is there; asked for by the partition, it is not found. */
function tellRefused({ report }: WritingRecords, id: string, refused: readonly RefusedReference[]): void {
  for (const { partition, why } of refused)
    report.lacks(`the storage took no reference for the partition "${partition}": ${why}`, id)
}

async function removeRecord(
  context: WriteContext,
  prepared: PreparedResource,
  id: string,
  call: Call,
): Promise<Outcome> {
  if (context.dryRun) return 'removed'
  await context.writes.run(() => deleteObject(context.client, dataKey(prepared.name, id), call), call)
  return 'removed'
}

/** s3db.js allows no such ids; in a hostile backup one would be a way to other keys or files. */
function isSafeId(id: string): boolean {
  return id !== '' && !/[/\\\0]/.test(id)
}
