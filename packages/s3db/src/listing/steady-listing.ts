import type { Call, JsonValue } from '@s3db-backup/core'
import * as z from 'zod'
import type { Client } from '../client/database.js'
import type { KeyRange } from './key-range.js'
import { listPages } from './listing.js'

/** An object of a listing. */
export interface ListedRecord {
  readonly id: string
  readonly key: string
  /** The size of its body. */
  readonly bytes: number | undefined
  /** As listed, in ms since 1970. */
  readonly modified: number
  /** The time that the key index may store: `modified`, or 0 while the object can still change unseen. */
  readonly remembered: number
  /** Which version of it is meant; the newest if left out. */
  readonly versionId?: string | undefined
  /** Why what is meant cannot be read. */
  readonly lost?: string | undefined
}

/** How the objects below a prefix are listed. */
export interface ListedAs {
  readonly idOf: (key: string) => string
  /** Objects that no backup has. */
  readonly isLeftOut: (key: string) => boolean
  /** Only of these keys; of all if left out. */
  readonly range?: KeyRange | undefined
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
  { idOf, isLeftOut, range }: ListedAs,
  clock: StorageClock,
  call: Call,
): AsyncGenerator<ListedRecords> {
  for await (const { objects, newest, toCome } of listPages(client, prefix, call, { range })) {
    // Each object by itself, too: one impossible time must not hide the others.
    for (const { modified } of objects) clock.see(modified)
    clock.see(newest)
    const records = objects
      .filter(({ key }) => !isLeftOut(key))
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

/**
 * How long an object may still change without showing another time, in ms: some clocks show whole seconds, those
 * of several servers stand apart, and a file system has the body of a record before it has its metadata.
 */
const slack = 2000

/** The same in memory, where one clock in one process says it all. */
const slackInMemory = 100

/**
 * How far, in ms, the clocks of a storage and of this machine may stand apart: S3 refuses requests of a clock that is
 * further off. A time beyond is not the storage's; taken for its clock, it would make everything look settled.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList (RequestTimeTooSkewed)
 */
const largestSkew = 15 * 60_000

/**
 * The known state of the storage's own clock: it has reached every time that it was seen to assign, in this backup or
 * in its parent. This machine's clock is only used to detect impossible times.
 */
export interface StorageClock {
  /** Takes note of a time that it was seen to give, in ms since 1970. */
  see(time: number): void
  /** Takes note of what {@link StorageClock.cursor} gave in an earlier backup. */
  goOn(cursor: JsonValue | undefined): void
  /**
   * Whether an object of this time, in ms since 1970, will have another time once it is written again. For one written
   * within the last second or two this is unknown: it may be written again within the same second. git calls such
   * entries racily clean.
   */
  isSettled(modified: number): boolean
  /** The newest time seen, for the manifest. */
  cursor(): JsonValue
}

const cursorSchema = z.looseObject({ newest: z.number() })

/** The cursor of several ranges of a resource: what one of them saw of the storage's clock, it has reached. */
export function newestOf(cursors: readonly JsonValue[]): JsonValue {
  const times = cursors.map((cursor) => cursorSchema.safeParse(cursor).data?.newest ?? 0)
  return { newest: times.reduce((newest, time) => Math.max(newest, time), 0) }
}

export function storageClock(client: Client, now: () => number = Date.now): StorageClock {
  const allowed = client.config.endpoint === 'memory://' ? slackInMemory : slack
  let newest = 0
  const see = (time: number) => {
    if (time <= now() + largestSkew) newest = Math.max(newest, time)
  }
  return {
    see,
    goOn(cursor) {
      const parsed = cursorSchema.safeParse(cursor)
      if (parsed.success) see(parsed.data.newest)
    },
    isSettled: (modified) => modified > 0 && modified < newest - allowed,
    cursor: () => ({ newest }),
  }
}
