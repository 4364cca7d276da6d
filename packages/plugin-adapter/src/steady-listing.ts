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

/**
 * How long an object may still change without showing another time, in ms: some clocks show whole seconds, those
 * of several servers stand apart, and a file system has the body of a record before it has its metadata.
 */
const slack = 2000

/** The same in memory, where one clock in one process says it all. */
const slackInMemory = 100

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
  const allowed = client.config.endpoint === 'memory://' ? slackInMemory : slack
  let newest = 0
  for await (const page of listObjects(client, prefix, call)) {
    for (const { modified } of page) newest = Math.max(newest, modified)
    yield page
      .filter(({ key }) => !isTransient(key))
      .map(({ key, modified }) => ({
        id: idOf(key),
        key,
        modified,
        remembered: modified < newest - allowed ? modified : 0,
      }))
  }
}
