import type { Call } from '@s3db-backup/core'
import type { Client } from './database.js'
import { isTransient } from './keys.js'
import { listObjects } from './objects.js'

/** An object of a listing. */
export interface ListedRecord {
  readonly id: string
  readonly key: string
  /** As listed, in ms since 1970. */
  readonly modified: number
  /** What the key index may remember: `modified`, or 0 while the object can still change unseen. */
  readonly remembered: number
}

/** How far clocks that show only seconds, and the clocks of several servers, may stand apart. In ms. */
const coarseSlack = 2000

/** The same for storages whose times have milliseconds: those of this process or this machine. */
const fineSlack = 100

/**
 * Lists records with what may be remembered of their time of change.
 *
 * A time with one-second steps cannot tell a record that was written before the listing from one that was
 * written again after it, within the same second; git calls such entries racily clean. The storage's clock has
 * reached at least the newest time that it has listed so far, so a record older than that by more than the
 * slack can only be written again with another time. Any other is remembered with 0, which no listing shows:
 * the next backup reads it again and compares its content.
 */
export async function* steadyListing(
  client: Client,
  prefix: string,
  idOf: (key: string) => string,
  call: Call,
): AsyncGenerator<ListedRecord[]> {
  let newest = 0
  let slack = coarseSlack
  for await (const page of listObjects(client, prefix, call)) {
    for (const { modified } of page) {
      newest = Math.max(newest, modified)
      if (modified % 1000 !== 0) slack = fineSlack
    }
    yield page
      .filter(({ key }) => !isTransient(key))
      .map(({ key, modified }) => ({
        id: idOf(key),
        key,
        modified,
        remembered: modified < newest - slack ? modified : 0,
      }))
  }
}
