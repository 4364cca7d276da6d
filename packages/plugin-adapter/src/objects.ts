import { BackupError, type Call, compareIds, isBackupError, untilAborted } from '@s3db-backup/core'
import type { Client, ClientBody } from './database.js'
import type { OnRefusal } from './in-flight.js'
import { asWritten } from './metadata-names.js'
import type { StoredObject } from './stored-form/index.js'

/** An object of a listing; `modified` by the storage's own clock, in ms since 1970. */
export interface ListedObject {
  readonly key: string
  readonly modified: number
  /** The size of its body. */
  readonly bytes: number | undefined
}

/** Keys on one page of an S3 listing: the most that S3 gives. */
const pageSize = 1000

/** What the clients that are not S3 take for "everything". */
const everything = 2_147_483_647

/**
 * Lists all objects below a prefix, ordered by the UTF-8 bytes of their keys, a page at a time. The prefix must
 * end where a key segment or a `=` does.
 *
 * S3 is listed page by page. Every other client is asked for everything at once: the paging of `file://`
 * loses and repeats keys, and that of `memory://` sorts everything again for each page.
 */
export async function* listObjects(
  client: Client,
  prefix: string,
  call: Call,
): AsyncGenerator<ListedObject[]> {
  const paged = isS3(client)
  let token: string | undefined
  do {
    const page = await untilAborted(
      () =>
        client.listObjects({
          prefix,
          maxKeys: paged ? pageSize : everything,
          ...(token === undefined ? {} : { continuationToken: token }),
        }),
      call.signal,
    ).catch((error: unknown) => {
      throw clientError(error, call, `list ${prefix}`)
    })
    const objects = (page.Contents ?? []).flatMap(({ Key, LastModified, Size }) =>
      Key === undefined
        ? []
        : [
            {
              key: withoutPrefix(client, Key),
              modified: LastModified === undefined ? 0 : new Date(LastModified).getTime(),
              bytes: Size,
            },
          ],
    )
    yield paged ? objects : objects.sort((a, b) => compareIds(a.key, b.key))
    token = paged && page.IsTruncated === true ? (page.NextContinuationToken ?? undefined) : undefined
  } while (token !== undefined)
}

/** Reads an object, or nothing if there is none. `refused` is told when the client had to ask more than once. */
export async function readObject(
  client: Client,
  key: string,
  call: Call,
  refused?: OnRefusal,
): Promise<StoredObject | undefined> {
  try {
    return await untilAborted(async () => {
      const answer = await client.getObject(key)
      const { Body, Metadata, ContentType, ContentLength } = answer
      if (wasRepeated(answer)) refused?.()
      const metadata = isS3(client) ? asWritten(Metadata ?? {}) : (Metadata ?? {})
      return { metadata, body: await readBody(client, Body, ContentLength), contentType: ContentType }
    }, call.signal)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw clientError(error, call, `read ${key}`)
  }
}

const noBytes = new Uint8Array(0)

/**
 * Most records have no body. From S3 it is read all the same: left alone it would keep its connection, and a body
 * that is destroyed takes its connection with it, which costs more to make anew than all the rest.
 */
async function readBody(
  client: Client,
  body: ClientBody | undefined,
  bytes: number | undefined,
): Promise<Uint8Array> {
  if (body === undefined) return noBytes
  if (bytes === 0 && !isS3(client)) {
    body.destroy?.()
    return noBytes
  }
  // Not transformToByteArray, where there is another way: it waits for ever for a body whose connection broke before.
  const read = isIterable(body) ? await collect(body) : await body.transformToByteArray?.()
  if (read === undefined)
    throw new BackupError('unsupported', 'This client of s3db.js gives bodies that cannot be read')
  return read.byteLength === 0 ? noBytes : read
}

function isIterable(body: object): body is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in body
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return chunks.length === 0 ? noBytes : Buffer.concat(chunks)
}

/**
 * Stores an object exactly: raw, without hooks, validation or events of a resource. `refused` is told when the
 * client had to ask more than once.
 */
export async function writeObject(
  client: Client,
  key: string,
  object: StoredObject,
  call: Call,
  refused?: OnRefusal,
): Promise<void> {
  const { metadata, body, contentType } = object
  const bytes = body.byteLength === 0 ? '' : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  // Clients answer with this type for an object that was stored without one.
  const type = contentType === defaultContentType && body.byteLength === 0 ? undefined : contentType
  const typed = type === undefined ? {} : { contentType: type }
  const stored = await untilAborted(
    () => client.putObject({ key, metadata, body: bytes, ...typed }),
    call.signal,
  ).catch((error: unknown) => {
    throw clientError(error, call, `write ${key}`)
  })
  if (wasRepeated(stored)) refused?.()
}

export async function deleteObject(client: Client, key: string, call: Call): Promise<void> {
  await untilAborted(() => client.deleteObject(key), call.signal).catch((error: unknown) => {
    throw clientError(error, call, `delete ${key}`)
  })
}

/** What every client gives as the type of an object stored without one. */
export const defaultContentType = 'application/octet-stream'

/** The SDK asks again when a server has too much to do or a connection breaks: reason to ask less at once. */
function wasRepeated(answer: unknown): boolean {
  const about: unknown = answer instanceof Object ? Reflect.get(answer, '$metadata') : undefined
  const attempts: unknown = about instanceof Object ? Reflect.get(about, 'attempts') : undefined
  return typeof attempts === 'number' && attempts > 1
}

function isS3(client: Client): boolean {
  return /^https?:/.test(client.config.endpoint ?? '') || client.constructor.name === 'S3Client'
}

/** S3 lists keys with the database's own prefix, the other clients without. */
function withoutPrefix(client: Client, key: string): string {
  const prefix = (client.config.keyPrefix ?? '').replace(/^\/+|\/+$/g, '')
  return isS3(client) && prefix !== '' && key.startsWith(`${prefix}/`) ? key.slice(prefix.length + 1) : key
}

function isMissing(error: unknown): boolean {
  const { name, code, statusCode } = fieldsOf(error)
  return name === 'NoSuchKey' || code === 'NoSuchKey' || code === 'NotFound' || statusCode === 404
}

/** Errors that speak of the storage as a whole, not of one object: going on would only repeat them. */
const storageCodes =
  /^(ECONN|ERR_STREAM_PREMATURE_CLOSE|ENOTFOUND|EAI_|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|TimeoutError|RequestTimeout|SlowDown|ServiceUnavailable|InternalError|NoSuchBucket|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|RequestTimeTooSkewed)/

/** A client's error as one of ours: `unavailable` or `permission_denied` for the storage, else `internal`. */
function clientError(error: unknown, call: Call, what: string): unknown {
  if (call.signal.aborted) return call.signal.reason
  if (isBackupError(error)) return error
  const { name, code, statusCode, message } = fieldsOf(error)
  const wholeStorage = storageCodes.test(code) || storageCodes.test(name) || statusCode === 503
  const kind = statusCode === 403 ? 'permission_denied' : wholeStorage ? 'unavailable' : 'internal'
  return new BackupError(kind, `The database could not ${what}: ${message}`, {
    cause: error,
    metadata: { wholeStorage },
  })
}

interface ErrorFields {
  readonly name: string
  readonly code: string
  readonly statusCode: number | undefined
  readonly message: string
}

function fieldsOf(error: unknown): ErrorFields {
  if (!(error instanceof Error)) return { name: '', code: '', statusCode: undefined, message: String(error) }
  const original: unknown = Reflect.get(error, 'original')
  const inner = original instanceof Error ? fieldsOf(original) : undefined
  const code: unknown = Reflect.get(error, 'code') ?? Reflect.get(error, 'Code')
  const status: unknown =
    Reflect.get(error, 'statusCode') ?? Reflect.get(Reflect.get(error, '$metadata') ?? {}, 'httpStatusCode')
  return {
    name: inner === undefined ? error.name : inner.name,
    code: typeof code === 'string' ? code : (inner?.code ?? ''),
    statusCode: typeof status === 'number' ? status : inner?.statusCode,
    message: error.message,
  }
}
