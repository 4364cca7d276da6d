import type { Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { isTransient } from './keys.js'
import { listPages } from './listing.js'
import type { StorageClock } from './storage-clock.js'

/** An object of a listing. */
export interface ListedRecord {
  readonly id: string
  readonly key: string
  /** The size of its body. */
  readonly bytes: number | undefined
  /** As listed, in ms since 1970. */
  readonly modified: number
  /** What the key index may remember: `modified`, or 0 while the object can still change unseen. */
  readonly remembered: number
}

/** A part of a listing of records. */
export interface ListedRecords {
  readonly records: readonly ListedRecord[]
  /** Records that are known to come after these. */
  readonly toCome: number
}

/**
 * Lists records with what may be remembered of their time of change: their time if it is settled by the
 * storage's clock. Any other is remembered with 0, which no listing shows: the next backup reads it again and
 * compares its content.
 */
export async function* steadyListing(
  client: Client,
  prefix: string,
  idOf: (key: string) => string,
  clock: StorageClock,
  call: Call,
): AsyncGenerator<ListedRecords> {
  for await (const { objects, newest, toCome } of listPages(client, prefix, call)) {
    clock.see(newest)
    const records = objects
      .filter(({ key }) => !isTransient(key))
      .map(({ key, bytes, modified }) => ({
        id: idOf(key),
        key,
        bytes,
        modified,
        remembered: clock.isSettled(modified) ? modified : 0,
      }))
    yield { records, toCome }
  }
}
