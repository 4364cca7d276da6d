import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { BackupError, type Call, isBackupError } from '@s3db-backup/core'
import { untilAborted } from '@s3db-backup/core/internal'
import { isListed } from '../listing/is-listed.js'
import type { StoredObject } from '../stored-form/index.js'
import { metadataKey } from '../stored-form/stored-object.js'
import { clientError, isConditionFailed, isConditionRefused } from './client-errors.js'
import { type Client, isS3 } from './database.js'
import { createFileObject } from './files/create-file.js'
import { fileReads } from './files/file-database.js'
import type { OnRefusal } from './in-flight.js'
import { askForObject, defaultContentType, deleteObject, putOf, wasRepeated } from './objects.js'

/** What became of an object that was to be stored where there is none. */
export type Creation = 'created' | 'exists'

/**
 * Stores an object exactly as `writeObject` does, unless there is one under its key: what somebody else stores
 * meanwhile is never overwritten. The storage itself decides where it can: S3 by `If-None-Match: *`, a file system by
 * a name that only one can take. A server that takes no such condition is asked for the key just before.
 */
export async function createObject(
  client: Client,
  key: string,
  object: StoredObject,
  call: Call,
  refused?: OnRefusal,
): Promise<Creation> {
  const put = async (by: Client): Promise<Creation> => {
    const answer = await onceOnly(by)
      .putObject({ ...putOf(key, object), ifNoneMatch: '*' })
      .catch(orConditionFailed)
    if (answer === conditionFailed) return 'exists'
    if (answer === conditionRefused)
      throw new BackupError('unsupported', `The server refuses to write ${key} on condition`)
    if (wasRepeated(answer)) refused?.()
    return 'created'
  }
  try {
    return await untilAborted(() => create(client, { key, object, put }, call), call.signal)
  } catch (error) {
    throw clientError(error, call, `write ${key}`)
  }
}

interface Creating {
  readonly key: string
  readonly object: StoredObject
  readonly put: (by: Client) => Promise<Creation>
}

/** That an object is there is believed once it was read. One that was deleted meanwhile leaves room for ours. */
async function create(client: Client, creating: Creating, call: Call): Promise<Creation> {
  const { key, object } = creating
  for (let attempt = 1; ; attempt++) {
    if ((await tryToCreate(client, creating, call)) === 'created') return 'created'
    const { object: there } = await askForObject(client, key, call)
    if (there === undefined && attempt === tries) throw contradiction(key)
    if (there === undefined) continue
    // A connection that breaks after the server has stored the object is tried again, and then it is there.
    return fileReads(client) === undefined && isSame(there, object) ? 'created' : 'exists'
  }
}

const tries = 3

async function tryToCreate(client: Client, { key, object, put }: Creating, call: Call): Promise<Creation> {
  const files = fileReads(client)
  const made = files === undefined ? undefined : await createFileObject(files, put, call)
  if (made !== undefined) return made
  if (await honoursConditions(client, call)) return put(client)
  if (await isListed(client, key, call)) return 'exists'
  await client.putObject(putOf(key, object))
  return 'created'
}

function contradiction(key: string): BackupError {
  return new BackupError(
    'unavailable',
    `The storage refuses to write ${key} as if it were there, and does not find it when asked for it`,
    {
      suggestion:
        'Try again. If it happens each time, the server or a proxy before it does not answer correctly.',
      metadata: { key, wholeStorage: false },
    },
  )
}

/** Stand for answers: s3db.js repeats whatever fails, for seconds, and these would fail each time. */
const conditionFailed = Symbol('condition failed')
const conditionRefused = Symbol('condition refused')

/** The client, without repeating a write that is refused because of its condition. */
function onceOnly(client: Client): Client {
  const execute: unknown = Reflect.get(client, '_executeOperation')
  if (typeof execute !== 'function') return client
  const value = (work: () => Promise<unknown>, options: unknown) =>
    execute.call(client, () => work().catch(asAnswer), options)
  return Object.create(client, { _executeOperation: { value } })
}

function orConditionFailed(error: unknown): symbol {
  if (isConditionFailed(error)) return conditionFailed
  throw error
}

function asAnswer(error: unknown): symbol {
  if (isConditionFailed(error)) return conditionFailed
  if (isConditionRefused(error)) return conditionRefused
  throw error
}

const honouring = new WeakMap<Client, Promise<boolean>>()

/**
 * Whether the server heeds `If-None-Match: *`. Some say that they do not, others store regardless, so it is tried
 * once, with an object of our own where s3db.js keeps what is never backed up.
 */
export function honoursConditions(client: Client, call: Call): Promise<boolean> {
  if (!isS3(client)) return Promise.resolve(true)
  let known = honouring.get(client)
  if (known === undefined) {
    known = tryCondition(client, call)
    honouring.set(client, known)
    // A failure is that of this call; the next one tries again.
    known.catch(() => honouring.delete(client))
  }
  return known
}

async function tryCondition(client: Client, call: Call): Promise<boolean> {
  const key = `plugin=s3db-core/conditions/${randomUUID()}`
  const put = () =>
    onceOnly(client).putObject({ key, metadata: {}, body: '', ifNoneMatch: '*' }).catch(asAnswer)
  try {
    const first = await put()
    if (first === conditionRefused) return false
    // Nobody else has the key. If it is there, the answer to an earlier try was lost; if not, the server lies.
    if (first === conditionFailed) return await isListed(client, key, call)
    return (await put()) === conditionFailed
  } finally {
    // Who may not delete leaves an object without content there, which nothing ever reads.
    await deleteObject(client, key, call).catch((error: unknown) => {
      if (!isBackupError(error, 'permission_denied')) throw error
    })
  }
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
