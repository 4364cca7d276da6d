import { isDeepStrictEqual } from 'node:util'
import { BackupError, type Call } from '@s3db-backup/core'
import { untilAborted } from '@s3db-backup/core/internal'
import type { StoredObject } from '../stored-form/index.js'
import { metadataKey } from '../stored-form/stored-object.js'
import { clientError } from './client-errors.js'
import { createOnCondition, type Put, putOnCondition } from './conditional-writes.js'
import { type Client, isS3 } from './database.js'
import { createFileObject } from './files/create-file.js'
import { makeEmptyObject } from './files/empty-objects.js'
import { type FileReads, fileReads, pathOf } from './files/file-database.js'
import type { OnRefusal } from './in-flight.js'
import { askForObject, defaultContentType, putOf } from './objects.js'

/** The outcome of storing an object that should not exist yet. */
export type Creation = 'created' | 'exists'

/**
 * Stores an object exactly like `writeObject`, unless its key exists: an object that somebody else stores meanwhile is
 * never overwritten. The storage itself decides if it can: S3 by `If-None-Match: *`, a file system by a name that only
 * one can take. A server without such a condition is checked for the key just before.
 */
export async function createObject(
  client: Client,
  key: string,
  object: StoredObject,
  call: Call,
  refused?: OnRefusal,
): Promise<Creation> {
  const put = putOf(key, object)
  try {
    return await untilAborted(() => create(client, { put, object, refused }, call), call.signal)
  } catch (error) {
    throw clientError(error, call, `write ${key}`)
  }
}

interface Creating {
  readonly put: Put
  readonly object: StoredObject
  readonly refused: OnRefusal | undefined
}

/** That an object is there is believed once it was read. One that was deleted meanwhile leaves room for ours. */
async function create(client: Client, creating: Creating, call: Call): Promise<Creation> {
  const { put, object } = creating
  for (let attempt = 1; ; attempt++) {
    if ((await tryToCreate(client, creating, call)) === 'created') return 'created'
    const { object: there } = await askForObject(client, put.key, call)
    if (there === undefined && attempt === tries) throw contradiction(put.key)
    if (there === undefined) continue
    // If the connection breaks after the server has stored the object, the request is repeated and finds it there.
    return fileReads(client) === undefined && isSame(there, object) ? 'created' : 'exists'
  }
}

const tries = 3

async function tryToCreate(client: Client, { put, refused }: Creating, call: Call): Promise<Creation> {
  if (isS3(client)) return createOnCondition(client, put, call, refused)
  const write = async (by: Client): Promise<Creation> => {
    const answer = await putOnCondition(by, put)
    if (answer !== 'refused') return answer
    throw new BackupError('unsupported', `The storage refuses to write ${put.key} on condition`)
  }
  const files = fileReads(client)
  const made = files === undefined ? undefined : await createAmongFiles(files, put, write, call)
  return made ?? write(client)
}

/** A body is looked for before: metadata must not be given to one that has none. */
async function createAmongFiles(
  reads: FileReads,
  put: Put,
  write: (by: Client) => Promise<Creation>,
  call: Call,
): Promise<Creation | undefined> {
  const { database, files } = reads
  if (put.body.length === 0) {
    if ((await files.stat(pathOf(database, put.key), call)) !== undefined) return 'exists'
    const made = await makeEmptyObject(reads, put)
    if (made !== 'ordinary') return made
  }
  return createFileObject(reads, write, call)
}

function contradiction(key: string): BackupError {
  return new BackupError(
    'unavailable',
    `The storage refuses to write ${key} as if it already existed, but does not find it when asked for it`,
    {
      suggestion:
        'Try again. If it happens each time, the server or a proxy before it does not answer correctly.',
      metadata: { key, wholeStorage: false },
    },
  )
}

function isSame(one: StoredObject, other: StoredObject): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other))
}

function comparable({ metadata, body, contentType }: StoredObject) {
  const there = Object.entries(metadata).filter(([, value]) => value !== undefined)
  return {
    metadata: Object.fromEntries(there.map(([name, value]) => [metadataKey(name), String(value)])),
    body: Buffer.from(body),
    contentType: contentType ?? defaultContentType,
  }
}
