import { createHash } from 'node:crypto'
import { BackupError, type Call } from '@s3db-backup/core'
import { untilAborted } from '@s3db-backup/core/internal'
import { clientError } from '../client/client-errors.js'
import { type Client, type ClientListing, isS3, storedPrefix } from '../client/database.js'
import type { ListedObject } from './page.js'

/** What a client is asked to list. */
export interface Question {
  readonly prefix: string
  readonly maxKeys: number
  readonly continuationToken?: string | undefined
  readonly delimiter?: string | undefined
}

export function askClient(client: Client, question: Question, call: Call): Promise<ClientListing> {
  const { continuationToken, delimiter, ...first } = question
  const asked = {
    ...first,
    ...(continuationToken !== undefined && { continuationToken }),
    ...(delimiter !== undefined && { delimiter }),
  }
  return untilAborted(() => client.listObjects(asked), call.signal).catch((error: unknown) => {
    throw clientError(error, call, `list ${question.prefix}`)
  })
}

/** Whom to ask, if the first answer comes from another client, and the last key that was listed, for messages. */
interface Asking {
  readonly first?: Client
  readonly last?: () => string | undefined
}

/**
 * Every answer of a listing, to its end. Throws `unavailable` for a listing that breaks off or is circular: it is a failure,
 * and does not just list fewer records.
 */
export async function* answersOf(
  client: Client,
  question: Omit<Question, 'continuationToken'>,
  call: Call,
  { first = client, last = () => undefined }: Asking = {},
): AsyncGenerator<ClientListing> {
  const { prefix } = question
  const tokens = new Set<string>()
  let answer = await askClient(first, question, call)
  for (;;) {
    yield answer
    const token = answer.NextContinuationToken ?? ''
    if (token === '' && answer.IsTruncated === true) throw brokenOff(prefix, last())
    if (token === '') return
    // Servers give tokens of any length.
    const mark = createHash('sha256').update(token).digest('base64')
    if (tokens.has(mark)) throw inACircle(prefix, last())
    tokens.add(mark)
    answer = await askClient(client, { ...question, continuationToken: token }, call)
  }
}

/** The objects of an answer, by their keys in the database. */
export function objectsOf(client: Client, { Contents = [] }: ClientListing): ListedObject[] {
  return Contents.flatMap(({ Key, LastModified, Size }) =>
    Key === undefined
      ? []
      : [{ key: withoutPrefix(client, Key), modified: timeOf(LastModified), bytes: Size }],
  )
}

function timeOf(date: Date | string | undefined): number {
  if (date === undefined) return 0
  const time = typeof date === 'string' ? Date.parse(date) : date.getTime()
  return Number.isNaN(time) ? 0 : Math.max(time, 0)
}

/** The newest time, in ms since 1970; 0 if no object has one. */
export function newestOf(objects: readonly ListedObject[]): number {
  return objects.reduce((newest, { modified }) => Math.max(newest, modified), 0)
}

/** S3 lists keys with the database's own prefix, the other clients without. */
export function withoutPrefix(client: Client, key: string): string {
  const prefix = storedPrefix(client)
  return isS3(client) && prefix !== '' && key.startsWith(prefix) ? key.slice(prefix.length) : key
}

/** Sorted objects, each key once: the later entry. */
export function withoutRepeats(objects: readonly ListedObject[]): ListedObject[] {
  return objects.filter(({ key }, index) => objects[index + 1]?.key !== key)
}

export function brokenOff(prefix: string, last: string | undefined): BackupError {
  return new BackupError(
    'unavailable',
    `The listing of ${prefix} broke off${after(last)}: the storage says that there is more, but not where to continue`,
    {
      suggestion:
        'Try again. If it happens each time, the server or a proxy before it does not speak S3 correctly.',
      metadata: { prefix, wholeStorage: true },
    },
  )
}

function after(last: string | undefined): string {
  return last === undefined ? '' : ` after ${last}`
}

function inACircle(prefix: string, last: string | undefined): BackupError {
  return new BackupError(
    'unavailable',
    `The listing of ${prefix} does not end${after(last)}: the server gave the same continuation token twice`,
    {
      suggestion:
        'Try again. If it happens each time, the server or a proxy before it does not speak S3 correctly.',
      metadata: { prefix, wholeStorage: true },
    },
  )
}
