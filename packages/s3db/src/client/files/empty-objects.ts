import { join, sep } from 'node:path'
import * as z from 'zod'
import type { Client } from '../database.js'
import { codeOf } from './disk.js'
import { type FileReads, metadataSuffix, pathOf } from './file-database.js'
import { writingBy } from './write-file.js'

/*
 * Most objects of s3db.js have no body: nearly every record, and every reference of a partition. Such an object is there as
 * soon as its empty file has its name, and whoever reads it then reads its metadata. So the metadata can be written where
 * it belongs, without another name before, as long as nobody sees it: first the metadata, then the empty file. Both
 * only where there is no such file; all else is left to s3db.js.
 */

/** What became of an object that was to be made. `ordinary`: s3db.js has to store it. */
export type Made = 'created' | 'exists' | 'ordinary'

type Put = Parameters<Client['putObject']>[0]

/** The arguments of s3db.js's storage. */
interface Kept {
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly contentType?: string | undefined
}

/** Additional arguments that a custom client may use, for some objects or for all. */
const beyond = ['contentEncoding', 'contentLength', 'ifMatch', 'ttl'] as const

/** Whether the request is for an object without a body, and for nothing that is not made here. */
function isPlain(kept: object): boolean {
  const body: unknown = Reflect.get(kept, 'body')
  const isEmpty = body === undefined || body === '' || (body instanceof Uint8Array && body.byteLength === 0)
  return isEmpty && beyond.every((name) => Reflect.get(kept, name) === undefined)
}

type StoragePut = (key: string, kept: Kept) => Promise<unknown>

/** With none of these does storing an object do more than write its two files. */
const plainStorage = z.object({
  bucket: z.string(),
  enforceLimits: z.literal(false),
  enableCompression: z.literal(false),
  enableTTL: z.literal(false),
  enableLocking: z.literal(false),
  enableBackup: z.literal(false),
  enableJournal: z.literal(false),
  enableStats: z.literal(false),
})

const nothing = 'd41d8cd98f00b204e9800998ecf8427e'

/** The file of metadata that s3db.js 21.6.2 writes for an object without a body. */
function describe({ metadata, contentType }: Kept, lastModified: string): string {
  const described = {
    metadata: { ...metadata },
    contentType: contentType || 'application/octet-stream',
    etag: nothing,
    lastModified,
    size: 0,
    contentLength: 0,
    compressed: false,
    expiresAt: null,
    body: { type: 'Buffer', data: [] },
  }
  return JSON.stringify(described, null, 2)
}

/** Ends a put of s3db.js's client whose object was not made. */
class NotMade extends Error {
  readonly made: Made
  constructor(made: Made) {
    super(made)
    this.made = made
  }
}

const known = new WeakMap<FileReads, Promise<Client | undefined>>()

/**
 * Makes an object without a body, unless there is a file of its name; `ordinary` if it has to be stored through
 * s3db.js. s3db.js encodes the metadata and sends its events as ever. It is asked once what it would write, and only if
 * that is the same to the letter are objects made here.
 */
export async function makeEmptyObject(reads: FileReads, put: Put): Promise<Made> {
  if (put.body.length > 0) return 'ordinary'
  let learnt = known.get(reads)
  if (learnt === undefined) {
    learnt = learn(reads, put)
    known.set(reads, learnt)
  }
  const client = await learnt
  if (client === undefined) return 'ordinary'
  try {
    await client.putObject(put)
    return 'created'
  } catch (error) {
    if (error instanceof NotMade) return error.made
    throw error
  }
}

/** The client that makes them; nothing if that would not be what s3db.js does. */
async function learn(reads: FileReads, put: Put): Promise<Client | undefined> {
  const storage: unknown = Reflect.get(reads.client, 'storage')
  const { data } = plainStorage.safeParse(storage)
  if (data === undefined || !isUnchanged(storage) || !(await isSame(reads, put).catch(() => false)))
    return undefined
  return clientWith(reads.client, putBy(reads, data.bucket))
}

/** Methods of somebody's own may do something with some objects and not with others: one object does not tell. */
function isUnchanged(storage: unknown): boolean {
  if (typeof storage !== 'object' || storage === null) return false
  const made: unknown = Object.getPrototypeOf(storage)
  const isDerived = made === null || Object.getPrototypeOf(made) !== Object.prototype
  return !isDerived && Object.values(storage).every((member) => typeof member !== 'function')
}

/** Both clients are made to tell what they would write, and write nothing. */
async function isSame({ client, database }: FileReads, put: Put): Promise<boolean> {
  const silent: Client = Object.create(client, { emit: { value: () => false } })
  const theirs: [path: string, content: string][] = []
  const dry = writingBy(silent, async (path, content) => {
    theirs.push([path, content.toString()])
  })
  await dry?.putObject(put)
  const [body, metadata] = theirs
  if (body === undefined || metadata === undefined) return false
  const { lastModified } = z.looseObject({ lastModified: z.string() }).parse(JSON.parse(metadata[1]))
  let ours = ''
  await clientWith(silent, async (_key, kept) => {
    ours = describe(kept, lastModified)
  }).putObject(put)
  const path = pathOf(database, put.key)
  return (
    body[0] === path && body[1] === '' && metadata[0] === `${path}${metadataSuffix}` && metadata[1] === ours
  )
}

function clientWith(client: Client, put: StoragePut): Client {
  return Object.create(client, { storage: { value: { put } } })
}

function putBy({ database: { root }, files }: FileReads, bucket: string): StoragePut {
  /** Whether the file was made. For anything but a name that is taken s3db.js fails in its own words. */
  const make = async (path: string, content?: string): Promise<boolean> => {
    try {
      await files.create(path, content)
      return true
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      throw new NotMade('ordinary')
    }
  }
  return async (key, kept) => {
    if (!isPlain(kept)) throw new NotMade('ordinary')
    const path = join(root, key.replaceAll('/', sep))
    const content = describe(kept, new Date().toISOString())
    if (!(await make(`${path}${metadataSuffix}`, content))) throw new NotMade('ordinary')
    // Another writer was quicker, or a body was left without metadata.
    if (!(await make(path))) throw new NotMade('exists')
    return {
      ETag: `"${nothing}"`,
      VersionId: null,
      ServerSideEncryption: null,
      Location: `/${bucket}/${key}`,
    }
  }
}
