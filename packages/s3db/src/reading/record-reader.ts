import { type Call, type IndexEntry, isBackupError, type JsonValue, type Row } from '@s3db-backup/core'
import { contentHash, recordHash } from '@s3db-backup/core/internal'
import type { ListedRecord } from '../listing/steady-listing.js'
import type { StoredForm, StoredObject } from '../stored-form/index.js'
import { toRaw } from '../stored-form/stored-object.js'
import type { ObjectReads } from './object-reads.js'

/** What reading one listed object came to. */
export type ReadOutcome = ReadRecord | { readonly lost: string } | 'absent'

export interface ReadRecord extends UnderstoodRecord {
  /** Whether it is what a key index has the hash of. */
  readonly isUnchangedSince: (before: IndexEntry) => boolean
}

export type RecordReader = (listed: ListedRecord, call: Call) => Promise<ReadOutcome>

/** A record as a backup has it: its row, and its raw form where the row alone does not give it back. */
export interface UnderstoodRecord {
  readonly row: Row
  readonly raw: JsonValue | undefined
  /** Why the row has only the id. */
  readonly unclear?: string | undefined
}

/** How the stored objects of a resource are understood. */
export type Understanding = (object: StoredObject, id: string) => UnderstoodRecord

/**
 * The row as people read it, and the raw form where the row alone does not give it back. A restore writes rows with
 * the resource's present `version`, so those of older ones are kept raw.
 */
export function understandRecords(form: StoredForm, version: string): Understanding {
  return (object, id) => {
    const row = form.decode(object, id)
    if (row === undefined) return { row: { id }, raw: toRaw(object), unclear: form.reason(object) }
    const isExact = object.metadata._v === version && form.reproduces(object, row)
    return { row, raw: isExact ? undefined : toRaw(object) }
  }
}

/** An object that is not a record has its key as its row, and everything else as its raw form. */
export const understandObject: Understanding = (object, id) => ({ row: { id }, raw: toRaw(object) })

/** Reads objects of one kind. */
export function recordReader(reads: ObjectReads, understand: Understanding): RecordReader {
  return async (listed, call) => {
    if (listed.lost !== undefined) return { lost: listed.lost }
    try {
      const object = await reads.read(listed, call)
      return object === undefined ? 'absent' : understoodOrLost(inOrder(object), listed.id, understand)
    } catch (error) {
      // A failure of a single object makes that record lost and the others go on; a failure of the whole storage is
      // thrown.
      if (!isBackupError(error) || error.metadata.wholeStorage !== false) throw error
      return { lost: error.message }
    }
  }
}

/** An object that was read and that nothing can be made of, a text beyond what the runtime holds for one, is lost alone. */
export function understoodOrLost(
  object: StoredObject,
  id: string,
  understand: Understanding,
): ReadRecord | { readonly lost: string } {
  try {
    const record = understand(object, id)
    const isUnchangedSince = ({ hash }: IndexEntry) =>
      hash === recordHash(record.row, record.raw) || hash === objectHash(object)
    return { ...record, isUnchangedSince }
  } catch (error) {
    return { lost: `it cannot be understood: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** Metadata in one order, whichever it came in: what is written of a record is the same each time. */
export function inOrder(object: StoredObject): StoredObject {
  const entries = Object.entries(object.metadata)
  const sorted = entries.every(([key], at) => at === 0 || (entries[at - 1]?.[0] ?? '') < key)
  if (sorted) return object
  return { ...object, metadata: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) }
}

/** The content hash that backups had before theirs were those of the lines: of metadata, type and body. */
export function objectHash({ metadata, contentType, body }: StoredObject): string {
  const keys = Object.keys(metadata).sort()
  const values = keys.map((key) => (metadata[key] === undefined ? 0 : metadata[key]))
  const head = JSON.stringify([keys, values, contentType])
  return contentHash(body.byteLength === 0 ? head : Buffer.concat([Buffer.from(head), body]))
}
