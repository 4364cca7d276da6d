import {
  abortable,
  type Batch,
  type Call,
  contentHash,
  type Description,
  isBackupError,
  type JsonValue,
  type LostRecord,
  type Mark,
  ordered,
  type Row,
  type Source,
} from '@s3db-backup/core'
import { type Client, checkConnected, type Database } from './database.js'
import { describeResource } from './definition.js'
import { internalInfos, internalPrefixes } from './internal.js'
import { dataPrefix, isTransient } from './keys.js'
import { type ListedObject, listObjects, readObject } from './objects.js'
import { toRaw } from './raw-object.js'
import { formOf, type StoredForm, type StoredObject, storedForm } from './stored-form/index.js'

export interface SourceOptions {
  /** Objects read at once, per resource. Default 64; the S3 client of s3db.js has a pool of its own besides. */
  readonly readsInFlight?: number
}

/** Records in one batch. */
const batchSize = 256

/**
 * A connected s3db.js database as the source of a backup. Records are read raw, around hooks, events, caches
 * and decryption, and decoded here: nothing of the user's runs, nothing is changed, secrets stay ciphertext.
 */
export function databaseSource(database: Database, options: SourceOptions = {}): Source {
  const readsInFlight = options.readsInFlight ?? 64
  return {
    async describe(): Promise<Description> {
      checkConnected(database, 'backup')
      const resources = Object.values(database.resources)
      return {
        database: describeDatabase(database),
        resources: resources.map((resource) => describeResource(database, resource)),
        internal: internalInfos(resources.map(({ name }) => name)),
      }
    },

    read(name, call) {
      const internal = internalPrefixes(name)
      if (internal !== undefined)
        return readBatches(database.client, internal, objectReader(database.client), readsInFlight, call)
      const resource = database.resources[name]
      if (resource === undefined) return gone()
      const form = storedForm(formOf(resource))
      return readBatches(
        database.client,
        [dataPrefix(name)],
        recordReader(database.client, dataPrefix(name), form),
        readsInFlight,
        call,
      )
    },
  }
}

/** A resource that was removed between being described and being read has no records any more. */
async function* gone(): AsyncGenerator<Batch> {}

function describeDatabase({ client, bucket, s3dbVersion }: Database): Record<string, JsonValue> {
  const { config } = client
  return {
    bucket: bucket ?? config.bucket ?? '',
    region: config.region ?? '',
    ...(config.keyPrefix === undefined || config.keyPrefix === '' ? {} : { prefix: config.keyPrefix }),
    ...(s3dbVersion === undefined ? {} : { s3dbVersion }),
  }
}

/** What reading one listed object came to. */
type ReadOutcome =
  | { readonly row: Row; readonly raw: JsonValue | undefined; readonly mark: Mark }
  | { readonly lost: LostRecord }
  | { readonly absent: ListedObject }

type Reader = (listed: ListedObject, call: Call) => Promise<ReadOutcome>

async function* readBatches(
  client: Client,
  prefixes: readonly string[],
  read: Reader,
  readsInFlight: number,
  call: Call,
): AsyncGenerator<Batch> {
  for (const prefix of prefixes) {
    let expected = 0
    for await (const listed of abortable(listObjects(client, prefix, call), call.signal)) {
      const objects = listed.filter(({ key }) => !isTransient(key))
      expected += objects.length
      let outcomes: ReadOutcome[] = []
      for await (const outcome of ordered(objects, readsInFlight, (object) => read(object, call))) {
        outcomes.push(outcome)
        if (outcomes.length < batchSize) continue
        yield await toBatch(outcomes, client, expected, call)
        outcomes = []
      }
      if (outcomes.length > 0) yield await toBatch(outcomes, client, expected, call)
    }
  }
}

async function toBatch(
  outcomes: readonly ReadOutcome[],
  client: Client,
  expected: number,
  call: Call,
): Promise<Batch> {
  const rows: Row[] = []
  const marks: Mark[] = []
  const raw = new Map<string, JsonValue>()
  const lost: LostRecord[] = []
  let vanished = 0
  for (const outcome of outcomes) {
    if ('row' in outcome) {
      rows.push(outcome.row)
      marks.push(outcome.mark)
      if (outcome.raw !== undefined) raw.set(outcome.row.id, outcome.raw)
    } else if ('lost' in outcome) {
      lost.push(outcome.lost)
    } else if (await isListed(client, outcome.absent.key, call)) {
      lost.push({ id: idOf(outcome.absent.key), reason: 'it is listed but cannot be found' })
    } else {
      vanished += 1
    }
  }
  return { rows, raw, marks, lost, vanished, expected }
}

/** Tells an object that was deleted meanwhile from one that is there and cannot be read. */
async function isListed(client: Client, key: string, call: Call): Promise<boolean> {
  for await (const objects of listObjects(client, key, call))
    if (objects.some((object) => object.key === key)) return true
  return false
}

function recordReader(client: Client, prefix: string, form: StoredForm): Reader {
  return async (listed, call) => {
    const id = listed.key.slice(prefix.length)
    const object = await readOrLose(client, listed, id, call)
    if ('lost' in object || 'absent' in object) return object
    const row = form.decode(object, id)
    const raw = row !== undefined && form.reproduces(object, row) ? undefined : toRaw(object)
    return { row: row ?? { id }, raw, mark: markOf(id, listed, object) }
  }
}

function objectReader(client: Client): Reader {
  return async (listed, call) => {
    const object = await readOrLose(client, listed, listed.key, call)
    if ('lost' in object || 'absent' in object) return object
    return { row: { id: listed.key }, raw: toRaw(object), mark: markOf(listed.key, listed, object) }
  }
}

type Unread = { readonly lost: LostRecord } | { readonly absent: ListedObject }

/** Reads one object. What fails for it alone is lost and goes on; what fails for the whole storage is thrown. */
async function readOrLose(
  client: Client,
  listed: ListedObject,
  id: string,
  call: Call,
): Promise<StoredObject | Unread> {
  try {
    return (await readObject(client, listed.key, call)) ?? { absent: listed }
  } catch (error) {
    if (!isBackupError(error) || error.metadata.wholeStorage !== false) throw error
    return { lost: { id, reason: error.message } }
  }
}

function markOf(id: string, { modified }: ListedObject, object: StoredObject): Mark {
  return { id, modified, hash: hashOf(object) }
}

/** The content hash of a stored object: its metadata, whatever their order, its type and its body. */
function hashOf({ metadata, contentType, body }: StoredObject): string {
  const keys = Object.keys(metadata).sort()
  const head = JSON.stringify([keys, keys.map((key) => metadata[key]), contentType])
  return contentHash(body.byteLength === 0 ? head : Buffer.concat([Buffer.from(head), body]))
}

function idOf(key: string): string {
  return key.slice(key.lastIndexOf('/id=') + '/id='.length)
}
