import { BackupError, type Call } from '@s3db-backup/core'
import { untilAborted } from '@s3db-backup/core/internal'
import type { StoredObject } from '../stored-form/index.js'
import { clientError, isMissing, saysNoSuchKey } from './client-errors.js'
import { type Client, type ClientBody, isS3 } from './database.js'
import { checkFolder } from './files/check-folder.js'
import { makeEmptyObject } from './files/empty-objects.js'
import { fileReads } from './files/file-database.js'
import { readFileObject } from './files/read-file.js'
import { storeInFiles } from './files/write-file.js'
import type { OnRefusal } from './in-flight.js'

/** Reads an object; `undefined` if there is none. `refused` is called when the client had to ask more than once. */
export async function readObject(
  client: Client,
  key: string,
  call: Call,
  refused?: OnRefusal,
): Promise<StoredObject | undefined> {
  const files = fileReads(client)
  if (files !== undefined) return readFileObject(files, { key }, call)
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

/** The storage's answer about one key, and how many requests it took. */
export interface Asked {
  readonly object: StoredObject | undefined
  readonly requests: number
}

/**
 * Requests one key from the storage, bypassing the pool of s3db.js, which repeats the request for a missing key for
 * seconds. The object counts as missing only if the storage itself says so: any other failure is thrown.
 */
export async function askForObject(client: Client, key: string, call: Call): Promise<Asked> {
  const files = fileReads(client)
  if (files !== undefined) {
    const object = await readFileObject(files, { key }, call)
    if (object === undefined) await checkFolder(files, call)
    return { object, requests: 1 }
  }
  let requests = 0
  const getObject = async (wanted: string) => {
    try {
      const answer = await unpooled.getObject(wanted)
      requests += attemptsOf(answer)
      return answer
    } catch (error) {
      requests += attemptsOf(error)
      if (isMissing(error) && !saysNoSuchKey(error)) throw strangeAnswer(key, error)
      throw error
    }
  }
  const unpooled: Client = Object.create(client, { taskExecutor: { value: null } })
  const counting: Client = Object.create(client, { getObject: { value: getObject } })
  const object = await readObject(counting, key, call)
  return { object, requests: Math.max(1, requests) }
}

function strangeAnswer(key: string, cause: unknown): BackupError {
  return new BackupError(
    'unavailable',
    `The answer to ${key} was 404, but the storage did not say that there is no such key`,
    { metadata: { key, wholeStorage: false }, cause },
  )
}

const noBytes = new Uint8Array(0)

/**
 * Most records have no body. From S3 it is still read: an unread body would keep its connection, and destroying a body
 * closes its connection, and a new one costs more than all the rest.
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
  // Not transformToByteArray, if there is another way: it waits for ever for a body whose connection broke before.
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
 * Stores an object exactly: raw, without hooks, validation or events of a resource. `refused` is called when the client
 * had to ask more than once.
 */
export async function writeObject(
  client: Client,
  key: string,
  object: StoredObject,
  call: Call,
  refused?: OnRefusal,
): Promise<void> {
  const put = putOf(key, object)
  const stored = await untilAborted(() => store(client, put), call.signal).catch((error: unknown) => {
    throw clientError(error, call, `write ${key}`)
  })
  if (wasRepeated(stored)) refused?.()
}

async function store(client: Client, put: ReturnType<typeof putOf>): Promise<unknown> {
  const files = fileReads(client)
  if (files === undefined) return client.putObject(put)
  if ((await makeEmptyObject(files, put)) === 'created') return undefined
  return storeInFiles(files, put)
}

/** What a client is asked for to store an object. */
export function putOf(
  key: string,
  { metadata, body, contentType }: StoredObject,
): Parameters<Client['putObject']>[0] {
  const bytes = body.byteLength === 0 ? '' : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  // Clients return this type for an object that was stored without one.
  const type = contentType === defaultContentType && body.byteLength === 0 ? undefined : contentType
  return { key, metadata, body: bytes, ...(type === undefined ? {} : { contentType: type }) }
}

export async function deleteObject(client: Client, key: string, call: Call): Promise<void> {
  await untilAborted(() => client.deleteObject(key), call.signal).catch((error: unknown) => {
    throw clientError(error, call, `delete ${key}`)
  })
}

/** What every client gives as the type of an object stored without one. */
export const defaultContentType = 'application/octet-stream'

/** The SDK asks again when a server has too much to do or a connection breaks: reason to ask less at once. */
export function wasRepeated(answer: unknown): boolean {
  return attemptsOf(answer) > 1
}

/** How often the SDK asked. Errors of s3db.js have the SDK's own inside. */
function attemptsOf(answer: unknown): number {
  for (let about = answer; about instanceof Object; about = Reflect.get(about, 'original')) {
    const metadata: unknown = Reflect.get(about, '$metadata')
    const attempts: unknown = metadata instanceof Object ? Reflect.get(metadata, 'attempts') : undefined
    if (typeof attempts === 'number') return attempts
  }
  return 1
}

type Metadata = StoredObject['metadata']

/**
 * Metadata under the names that s3db.js gave it. S3 carries them as HTTP headers, and some servers (Ceph's gateway)
 * give `x-amz-meta-_v` back as `x-amz-meta--v`. s3db.js begins names of its own with `_` (`_v`, `_overflow`, `_map`), so
 * a server that gives one back as it was changes none: a name that begins with `-` there is a field of the record.
 */
export function asWritten(metadata: Metadata): Metadata {
  const names = Object.keys(metadata)
  if (!names.some((name) => name.startsWith('-')) || names.some((name) => name.startsWith('_')))
    return metadata
  return Object.fromEntries(names.map((name) => [name.replace(/^-/, '_'), metadata[name]]))
}
