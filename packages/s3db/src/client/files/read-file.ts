import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { BackupError, type Call } from '@s3db-backup/core'
import { isObject } from '@s3db-backup/core/internal'
import * as z from 'zod'
import type { StoredObject } from '../../stored-form/index.js'
import { clientError } from '../client-errors.js'
import type { Client } from '../database.js'
import { type FileReads, metadataSuffix, pathOf } from './file-database.js'

/** What s3db.js writes beside a body. The metadata is passed on as it is: to copy it field by field takes a while. */
const metadataFile = z.looseObject({
  metadata: z.custom<Readonly<Record<string, unknown>>>(isRecord).default({}),
  contentType: z.string().optional(),
  /** The MD5 of the body's file, in hex. */
  etag: z.string().optional(),
  compressed: z.boolean().optional(),
  expiresAt: z.number().nullish(),
})

function isRecord(value: unknown): boolean {
  return isObject(value) && !Array.isArray(value)
}

/** A writer that has written one of the two files writes the other within moments. */
const tries = 20
const pause = 25

/**
 * Reads an object of a `file://` database from its two files; `undefined` if there is none. The body's hash shows
 * whether both belong together, because a writer may be between them. They are read again until they do; if they never
 * do, this throws `corrupt`, naming the file and the problem.
 */
export async function readFileObject(
  { client, database, files }: FileReads,
  { key, bytes }: { readonly key: string; readonly bytes?: number | undefined },
  call: Call,
): Promise<StoredObject | undefined> {
  const path = pathOf(database, key)
  try {
    for (let attempt = 1; ; attempt++) {
      const found = await readOnce()
      if (typeof found !== 'string') return found
      if (attempt === tries) throw unreadable(key, found)
      await setTimeout(pause, undefined, { signal: call.signal })
    }
  } catch (error) {
    throw clientError(error, call, `read ${path}`)
  }

  /** What is wrong, as text, if the two files do not make an object now. */
  async function readOnce(): Promise<StoredObject | undefined | string> {
    const described = await files.read(`${path}${metadataSuffix}`, call)
    if (described === undefined)
      return (await files.stat(path, call)) === undefined
        ? undefined
        : `its metadata file ${path}${metadataSuffix} does not exist`
    const parsed = parse(described)
    if (typeof parsed === 'string') return `its metadata file ${path}${metadataSuffix} ${parsed}`
    if (database.expires && typeof parsed.expiresAt === 'number' && parsed.expiresAt < Date.now())
      return undefined
    const body = parsed.etag === md5OfNothing ? await readEmpty() : await files.read(path, call, bytes)
    if (body === undefined) return undefined
    if (parsed.etag !== undefined && parsed.etag !== md5(body))
      return `its metadata file ${path}${metadataSuffix} belongs to another body than the one in ${path}`
    const whole = parsed.compressed === true ? await unzip(body).catch(() => undefined) : body
    if (whole === undefined) return `its body ${path} cannot be decompressed`
    return decode(client, key, { body: whole, metadata: parsed.metadata, contentType: parsed.contentType })
  }

  /** Most records have no body; their files need not be opened to see it. */
  async function readEmpty(): Promise<Buffer | undefined> {
    const found = await files.stat(path, call)
    if (found === undefined) return undefined
    return found.isFile() && found.size === 0 ? empty : files.read(path, call, found.size)
  }
}

const unzip = promisify(gunzip)

const empty = Buffer.alloc(0)

function parse(bytes: Buffer): z.output<typeof metadataFile> | string {
  try {
    const { data } = metadataFile.safeParse(JSON.parse(bytes.toString('utf8')))
    return data ?? 'is not what s3db.js writes'
  } catch {
    return 'is not JSON'
  }
}

const md5OfNothing = 'd41d8cd98f00b204e9800998ecf8427e'

function md5(body: Buffer): string {
  return body.byteLength === 0 ? md5OfNothing : createHash('md5').update(body).digest('hex')
}

const noBytes = new Uint8Array(0)

/** s3db.js decodes the metadata as ever; only where it comes from is ours. A client may have its own way with bodies. */
async function decode(
  client: Client,
  key: string,
  {
    body,
    metadata,
    contentType,
  }: { body: Buffer; metadata: Readonly<Record<string, unknown>>; contentType: string | undefined },
): Promise<StoredObject> {
  const Body = bodyOf(body)
  const get = async () => ({ Body, Metadata: { ...metadata }, ContentType: contentType })
  const direct: Client = Object.create(client, { storage: { value: { get } }, emit: { value: () => false } })
  const got = await direct.getObject(key)
  const given = got.Body === Body ? body : await got.Body?.transformToByteArray?.()
  if (given === undefined && got.Body !== undefined)
    throw unreadable(key, 'its client gives a body that cannot be read')
  return {
    metadata: got.Metadata ?? {},
    body: given === undefined || given.byteLength === 0 ? noBytes : given,
    contentType: got.ContentType,
  }
}

/** A body as the storage of s3db.js gives it, as far as a client may ask it. */
function bodyOf(bytes: Buffer) {
  return {
    transformToByteArray: async () => new Uint8Array(bytes),
    transformToString: async (encoding: BufferEncoding = 'utf8') => bytes.toString(encoding),
    async *[Symbol.asyncIterator]() {
      yield bytes
    },
  }
}

function unreadable(key: string, why: string): BackupError {
  return new BackupError('corrupt', `The object ${key} cannot be read: ${why}`, {
    metadata: { key, wholeStorage: false },
  })
}
