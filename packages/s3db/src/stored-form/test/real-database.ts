import { Database } from 's3db.js'
import { formOf, type StoredObject, storedForm } from '../index.js'

let count = 0

type Options = Omit<ConstructorParameters<typeof Database>[0], 'connectionString'>

/** A real database of its own, in memory, that prints nothing. */
export async function openDatabase(options: Options = {}): Promise<Database> {
  count += 1
  const database = new Database({
    connectionString: `memory://stored-form-${process.pid}-${count}`,
    logLevel: 'silent',
    exitOnSignal: false,
    ...options,
  })
  await database.connect()
  return database
}

export type Definition = NonNullable<Parameters<Database['createResource']>[0]['attributes']>[string]

export type Resource = Awaited<ReturnType<Database['createResource']>>

export function formOfResource(resource: Resource) {
  return storedForm(formOf(resource))
}

/** The object as it lies in the database. */
export async function storedObject(database: Database, key: string): Promise<StoredObject> {
  const { Metadata, Body, ContentType } = await database.client.getObject(key)
  const body = (await Body?.transformToByteArray?.()) ?? new Uint8Array(0)
  return { metadata: Metadata ?? {}, body, contentType: ContentType }
}

/** Stores the object as it is and reads it back. */
export async function storedAgain(database: Database, object: StoredObject): Promise<StoredObject> {
  await database.client.putObject({
    key: 'again',
    metadata: object.metadata,
    body: Buffer.from(object.body),
    ...(object.contentType === undefined ? {} : { contentType: object.contentType }),
  })
  return storedObject(database, 'again')
}

/**
 * How s3db.js itself reads the part of an object that is the record. `get` is no reference: it applies hooks
 * twice and mixes content into records.
 */
export async function upstreamDecode(resource: Resource, { metadata, body }: StoredObject, id: string) {
  const keys = new Set([...Object.values(resource.schema.map), ...Object.values(resource.schema.pluginMap)])
  const bodyCounts =
    resource.behavior === 'body-overflow'
      ? metadata._overflow === 'true'
      : ['user-managed', 'body-only'].includes(resource.behavior) &&
        !Object.keys(metadata).some((key) => keys.has(key))
  const rest: object = bodyCounts && body.length > 0 ? JSON.parse(Buffer.from(body).toString('utf8')) : {}
  const entries = Object.entries({ ...rest, ...metadata }).filter(([key]) => !/^[_$]/.test(key))
  return resource.composeFullObjectFromWrite({
    id,
    metadata: Object.fromEntries(entries),
    body: '',
    behavior: 'enforce-limits',
  })
}
