import { createHash } from 'node:crypto'
import { BackupError, type Call, compareIds } from '@s3db-backup/core'
import { untilAborted } from '@s3db-backup/core/internal'
import { clientError } from '../client/client-errors.js'
import { type Client, type ClientListing, isS3, storedKey } from '../client/database.js'
import { fileReads } from '../client/files/file-database.js'
import { foldersInFiles, listFiles } from '../client/files/list-files.js'
import { listingFolders, startingAfter } from '../client/start-after.js'
import { isAfter, type KeyRange, notInOrder, within } from './key-range.js'
import { keySet } from './key-set.js'

/** An object of a listing. */
export interface ListedObject {
  readonly key: string
  /** By the storage's own clock, in ms since 1970; 0 if the listing does not say. */
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

/** Keys on one page of a second listing: its borders fall between other keys than those of the first. */
export const otherPageSize = 619

/** The page size that means "everything" to clients other than S3. */
const everything = 2_147_483_647

/** The part of a prefix to list, and the page size. */
export interface HowToList {
  /** At most 1,000, which is the default. */
  readonly keysPerPage?: number | undefined
  /** Only these keys. No page beyond them is requested from S3. */
  readonly range?: KeyRange | undefined
}

/**
 * Lists all objects below a prefix, ordered by the UTF-8 bytes of their keys, a page of at most 1,000 at a time.
 * The prefix must end where a key segment or a `=` does.
 *
 * S3 is listed page by page. The files of a `file://` database are listed here: its client leaves out objects that it
 * cannot read. Every other client is asked for everything at once: the paging of `memory://` sorts everything again
 * for each page.
 */
export function listPages(
  client: Client,
  prefix: string,
  call: Call,
  how: HowToList = {},
): AsyncGenerator<ListedPage> {
  return isS3(client) ? listPaged(client, prefix, call, how) : listWhole(client, prefix, call, how)
}

/**
 * The names of the folders directly below a prefix that ends within a name, such as `resource=users` below
 * `resource=`. A name may come more than once.
 */
export async function* listFolders(client: Client, prefix: string, call: Call): AsyncGenerator<string> {
  const files = fileReads(client)
  if (files !== undefined) {
    yield* await foldersInFiles(files, prefix, call)
    return
  }
  const from = isS3(client) ? listingFolders(client) : client
  const maxKeys = isS3(client) ? pageSize : everything
  const tokens = new Set<string>()
  let token: string | undefined
  for (;;) {
    const answer = await ask(from, { prefix, maxKeys, continuationToken: token, delimiter: '/' }, call)
    const starts = (answer.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? [])
    const keys = (answer.Contents ?? []).flatMap(({ Key }) => Key ?? [])
    for (const key of [...starts, ...keys].map((stored) => withoutPrefix(client, stored))) {
      const end = key.indexOf('/', prefix.length)
      if (key.startsWith(prefix) && end >= 0) yield key.slice(0, end)
    }
    token = answer.NextContinuationToken ?? ''
    if (token === '' && answer.IsTruncated === true) throw brokenOff(prefix, undefined)
    if (token === '') return
    if (tokens.has(token)) throw inACircle(prefix, undefined)
    tokens.add(token)
  }
}

/** The objects of {@link listPages} alone. */
export async function* listObjects(
  client: Client,
  prefix: string,
  call: Call,
  how: HowToList = {},
): AsyncGenerator<readonly ListedObject[]> {
  for await (const { objects } of listPages(client, prefix, call, how)) yield objects
}

/**
 * Checks the server's listing: one that breaks off or is circular is a failure, and does not just list fewer records. A
 * repeated key counts once: within a page the later entry, further apart, in an unordered listing, the first.
 */
async function* listPaged(
  client: Client,
  prefix: string,
  call: Call,
  { keysPerPage: maxKeys = pageSize, range }: HowToList,
): AsyncGenerator<ListedPage> {
  const first = startingAfter(client, range?.after)
  const tokens = new Set<string>()
  let token: string | undefined
  const isNew = firstSeen()
  let last: string | undefined
  for (;;) {
    const from = token === undefined ? first : client
    const answer = await ask(from, { prefix, maxKeys, continuationToken: token }, call)
    const listed = objectsOf(client, answer).filter(({ key }) => key.startsWith(prefix))
    const found = withoutRepeats(listed).filter(({ key }) => isNew(key))
    if (range !== undefined) checkOrder(found, last)
    last = found.at(-1)?.key ?? last
    const objects = within(range, found)
    if (objects.length > 0) yield { objects, newest: newestOf(objects), toCome: 0 }
    if (last !== undefined && isAfter(range, last)) return
    token = answer.NextContinuationToken ?? ''
    if (token === '' && answer.IsTruncated === true) throw brokenOff(prefix, last)
    if (token === '') return
    const mark = createHash('sha256').update(token).digest('base64')
    if (tokens.has(mark)) throw inACircle(prefix, last)
    tokens.add(mark)
  }
}

/** Only the order of a listing tells where it may stop and where it began. */
function checkOrder(objects: readonly ListedObject[], before: string | undefined): void {
  let last = before
  for (const { key } of objects) {
    if (last !== undefined && compareIds(last, key) > 0) throw notInOrder(last, key)
    last = key
  }
}

/**
 * Detects keys that appear for the first time. A key above all before is new; about 16 bytes per key identify the
 * others.
 */
function firstSeen(): (key: string) => boolean {
  const seen = keySet()
  let highest: string | undefined
  return (key) => {
    if (highest === undefined || compareIds(key, highest) > 0) highest = key
    else if (seen.has(key)) return false
    seen.add(key)
    return true
  }
}

function withoutRepeats(objects: readonly ListedObject[]): ListedObject[] {
  return objects.filter(({ key }, index) => objects[index + 1]?.key !== key)
}

function brokenOff(prefix: string, last: string | undefined): BackupError {
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

function after(last: string | undefined): string {
  return last === undefined ? '' : ` after ${last}`
}

/**
 * Takes pages from the end of the reversed list, so that listed entries are freed while the rest is still processed.
 */
async function* listWhole(
  client: Client,
  prefix: string,
  call: Call,
  { range }: HowToList,
): AsyncGenerator<ListedPage> {
  const rest = await listBackwards(client, prefix, call, range)
  const newest = newestOf(rest)
  while (rest.length > 0) yield { objects: rest.splice(-pageSize).reverse(), newest, toCome: rest.length }
}

/** The client's own list, which has much more in it, lives no longer than this. */
async function listBackwards(
  client: Client,
  prefix: string,
  call: Call,
  range: KeyRange | undefined,
): Promise<ListedObject[]> {
  const files = fileReads(client)
  if (files !== undefined) return withoutRepeats((await listFiles(files, prefix, call, range)).reverse())
  const answer = await ask(client, { prefix, maxKeys: everything }, call)
  const objects = within(range, objectsOf(client, answer))
  if (answer.IsTruncated === true) throw brokenOff(prefix, objects.at(-1)?.key)
  return withoutRepeats(objects.sort((a, b) => compareIds(b.key, a.key)))
}

interface Question {
  readonly prefix: string
  readonly maxKeys: number
  readonly continuationToken?: string | undefined
  readonly delimiter?: string | undefined
}

function ask(client: Client, question: Question, call: Call): Promise<ClientListing> {
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

function objectsOf(client: Client, { Contents = [] }: ClientListing): ListedObject[] {
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

function newestOf(objects: readonly ListedObject[]): number {
  return objects.reduce((newest, { modified }) => Math.max(newest, modified), 0)
}

/** S3 lists keys with the database's own prefix, the other clients without. */
export function withoutPrefix(client: Client, key: string): string {
  const prefix = storedKey(client, '')
  return isS3(client) && prefix !== '' && key.startsWith(prefix) ? key.slice(prefix.length) : key
}
