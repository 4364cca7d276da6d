import { type Call, compareIds, untilAborted } from '@s3db-backup/core'
import { clientError } from '../client/client-errors.js'
import { type Client, type ClientListing, isS3 } from '../client/database.js'
import { fileReads } from '../client/files/file-database.js'
import { listFiles } from '../client/files/list-files.js'

/** An object of a listing; `modified` by the storage's own clock, in ms since 1970. */
export interface ListedObject {
  readonly key: string
  readonly modified: number
  /** The size of its body. */
  readonly bytes: number | undefined
}

/** A part of a listing. */
export interface ListedPage {
  readonly objects: readonly ListedObject[]
  /** The newest time of all that is known by now, in ms since 1970; 0 if nothing is. */
  readonly newest: number
  /** Objects that are known to come on later pages. */
  readonly toCome: number
}

/** Keys on one page of an S3 listing: the most that S3 gives. */
const pageSize = 1000

/** What the clients that are not S3 take for "everything". */
const everything = 2_147_483_647

/**
 * Lists all objects below a prefix, ordered by the UTF-8 bytes of their keys, a page of at most 1,000 at a time.
 * The prefix must end where a key segment or a `=` does.
 *
 * S3 is listed page by page. The files of a `file://` database are listed here: its client leaves out objects that it
 * cannot read. Every other client is asked for everything at once: the paging of `memory://` sorts everything again
 * for each page.
 */
export function listPages(client: Client, prefix: string, call: Call): AsyncGenerator<ListedPage> {
  return isS3(client) ? listPaged(client, prefix, call) : listWhole(client, prefix, call)
}

/** The objects of {@link listPages} alone. */
export async function* listObjects(
  client: Client,
  prefix: string,
  call: Call,
): AsyncGenerator<readonly ListedObject[]> {
  for await (const { objects } of listPages(client, prefix, call)) yield objects
}

async function* listPaged(client: Client, prefix: string, call: Call): AsyncGenerator<ListedPage> {
  let token: string | undefined
  do {
    const answer = await ask(client, { prefix, maxKeys: pageSize, continuationToken: token }, call)
    const objects = objectsOf(client, answer)
    yield { objects, newest: newestOf(objects), toCome: 0 }
    token = answer.IsTruncated === true ? (answer.NextContinuationToken ?? undefined) : undefined
  } while (token !== undefined)
}

/** Cuts from the end what is sorted backwards: what was handed on is let go, though the rest takes an hour yet. */
async function* listWhole(client: Client, prefix: string, call: Call): AsyncGenerator<ListedPage> {
  const rest = await listBackwards(client, prefix, call)
  const newest = newestOf(rest)
  while (rest.length > 0) yield { objects: rest.splice(-pageSize).reverse(), newest, toCome: rest.length }
}

/** The client's own list, which has much more in it, lives no longer than this. */
async function listBackwards(client: Client, prefix: string, call: Call): Promise<ListedObject[]> {
  const files = fileReads(client)
  if (files !== undefined) return (await listFiles(files, prefix, call)).reverse()
  const objects = objectsOf(client, await ask(client, { prefix, maxKeys: everything }, call))
  return objects.sort((a, b) => compareIds(b.key, a.key))
}

interface Question {
  readonly prefix: string
  readonly maxKeys: number
  readonly continuationToken?: string | undefined
}

function ask(client: Client, question: Question, call: Call): Promise<ClientListing> {
  const { continuationToken, ...first } = question
  const asked = continuationToken === undefined ? first : { ...first, continuationToken }
  return untilAborted(() => client.listObjects(asked), call.signal).catch((error: unknown) => {
    throw clientError(error, call, `list ${question.prefix}`)
  })
}

function objectsOf(client: Client, { Contents = [] }: ClientListing): ListedObject[] {
  return Contents.flatMap(({ Key, LastModified, Size }) =>
    Key === undefined
      ? []
      : [{ key: withoutPrefix(client, Key), modified: timeOf(LastModified), bytes: Size }],
  )
}

function timeOf(date: Date | string | undefined): number {
  if (date === undefined) return 0
  return typeof date === 'string' ? Date.parse(date) : date.getTime()
}

function newestOf(objects: readonly ListedObject[]): number {
  return objects.reduce((newest, { modified }) => Math.max(newest, modified), 0)
}

/** S3 lists keys with the database's own prefix, the other clients without. */
function withoutPrefix(client: Client, key: string): string {
  const prefix = (client.config.keyPrefix ?? '').replace(/^\/+|\/+$/g, '')
  return isS3(client) && prefix !== '' && key.startsWith(`${prefix}/`) ? key.slice(prefix.length + 1) : key
}
