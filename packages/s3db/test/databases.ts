import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, type Driver, type RestoreOptions, restore } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { Database } from 's3db.js'
import { onTestFinished } from 'vitest'
import { readObject } from '../src/client/objects.js'
import { type Database as AnyDatabase, databaseSource, databaseTarget, isDatabase } from '../src/index.js'
import { listObjects } from '../src/listing/listing.js'
import type { StoredObject } from '../src/stored-form/index.js'

export const call = { signal: new AbortController().signal }

export type DatabaseOptions = Omit<ConstructorParameters<typeof Database>[0], 'connectionString'>

export type Resource = Awaited<ReturnType<Database['createResource']>>

export type Attributes = NonNullable<Parameters<Database['createResource']>[0]['attributes']>

/** The kinds of place that s3db.js itself keeps a database in. */
export type Place = 'memory' | 'file'

/** A new empty directory that is removed after the test. */
export function scratch(parent = tmpdir()): string {
  const path = mkdtempSync(join(parent, 's3db-backup-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** An address that nobody else has: another bucket, and a prefix or a directory of its own. */
export function address(place: Place): string {
  return place === 'memory' ? `memory://bucket-${randomUUID()}/some/prefix` : `file://${scratch()}/database`
}

/** A real database that prints nothing and is let go of after the test. */
export async function open(connectionString: string, options: DatabaseOptions = {}): Promise<Database> {
  const database = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false, ...options })
  await database.connect()
  onTestFinished(async () => {
    if (database.isConnected()) await database.disconnect()
    Reflect.get(database, 'destroy')?.call(database)
  })
  return database
}

export function openNew(place: Place = 'memory', options: DatabaseOptions = {}): Promise<Database> {
  return open(address(place), options)
}

/** The database under the shape that our own code asks for. */
export function ours(database: unknown): AnyDatabase {
  if (!isDatabase(database)) throw new Error('not a database')
  return database
}

export async function backUp(database: Database, driver: Driver = memory()) {
  return { driver, ...(await backup({ source: databaseSource(ours(database)), driver })) }
}

export function restoreInto(
  database: Database,
  made: { readonly driver: Driver; readonly id: string },
  options: Partial<RestoreOptions> = {},
) {
  return restore({ driver: made.driver, id: made.id, target: databaseTarget(ours(database)), ...options })
}

/** Every object below a prefix as it lies there, by key. */
export async function stored(database: Database, prefix = ''): Promise<Map<string, StoredObject>> {
  const { client } = ours(database)
  const objects = new Map<string, StoredObject>()
  for await (const page of listObjects(client, prefix, call)) {
    for (const { key } of page) {
      const object = await readObject(client, key, call)
      if (object !== undefined) objects.set(key, { ...object, body: Buffer.from(object.body) })
    }
  }
  return objects
}

export async function definitions(database: Database): Promise<Record<string, unknown>> {
  const object = await readObject(ours(database).client, 's3db.json', call)
  const parsed: { resources: Record<string, unknown> } = JSON.parse(
    Buffer.from(object?.body ?? '').toString('utf8'),
  )
  return parsed.resources
}

/** A record as `get` gives it, without what the storage itself says of the object. */
export async function got(resource: Resource, id: string): Promise<Record<string, unknown>> {
  const { _lastModified, _etag, _versionId, _expiresAt, ...record } = await resource.get(id)
  return record
}
