import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { backup, type Driver, isBackupError } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import type { Database } from 's3db.js'
import { readObject } from '../../src/client/objects.js'
import { databaseSource } from '../../src/index.js'
import { listObjects } from '../../src/listing/listing.js'
import { call, openNew, ours, restoreInto, stored } from '../databases.js'
import { added, changed, type OperationName } from './lies.js'
import type { Past } from './seams.js'

const data = 'resource=notes/data/'

/** A database, an honest full backup of it, and what was written since. */
export interface Scene {
  /** Another connection to the database. */
  connect(): Promise<Database>
  /** A destination with the honest backup alone. */
  withFull(): Promise<Driver>
  readonly full: string
  readonly past: Past
}

/** Longer than a storage may show one time for two writes. */
const untilSettled = 2300

export async function makeScene(connect: () => Promise<Database>): Promise<Scene> {
  const database = await connect()
  const notes = await database.createResource({ name: 'notes', attributes: { text: 'string' } })
  for (const id of ['n1', 'n2', 'n3', 'n4', 'n5', 'n6']) await notes.insert({ id, text: `text ${id}` })
  const definitions = (await readObject(ours(database).client, 's3db.json', call))?.body ?? new Uint8Array(0)
  await database.createResource({ name: 'notes', attributes: { text: 'string', more: 'string|optional' } })
  await database.resources.notes?.insert({ id: 'n8', text: 'new', more: 'of the new definition' })
  await setTimeout(untilSettled)
  await notes.insert({ id: 'n7', text: 'the newest' })
  const first = memory()
  const { id: full } = await backup({ source: databaseSource(ours(database)), driver: first })
  const earlier = await timeOf(database, changed)

  // Ceph rejects the signature of s3db.js when it updates a record: see tooling/s3/README.md.
  await notes.replace(changed, { text: 'another text' })
  await notes.delete('n6')
  await notes.insert({ id: added, text: 'new' })
  return { connect, withFull: () => copyOf(first), full, past: { earlier, definitions } }
}

async function timeOf(database: Database, id: string): Promise<number> {
  for await (const objects of listObjects(ours(database).client, data, call))
    for (const { key, modified } of objects) if (key.endsWith(`id=${id}`)) return modified
  throw new Error(`${id} is not there`)
}

const part = { ...call, kind: 'part' } as const

async function copyOf(driver: Driver): Promise<Driver> {
  const copy = memory()
  for await (const { key } of driver.list('', call)) await copy.put(key, driver.get(key, part), part)
  return copy
}

/** How a backup of a database ended that is lied about. */
export type Ending =
  | { readonly is: 'right' }
  | { readonly is: 'wrong'; readonly how: string }
  | { readonly is: 'failed'; readonly saying: string }

/** Does one thing with the database while it is lied about, and compares what comes of it with the truth. */
export async function tell(
  lie: (database: Database) => void,
  operation: OperationName,
  scene: Scene,
): Promise<Ending> {
  const honest = await scene.connect()
  const truth = await stored(honest, data)
  const database = await scene.connect()
  lie(database)

  const driver =
    operation === 'a full backup' || operation === 'a dry run' ? memory() : await scene.withFull()
  const incremental =
    operation === 'an incremental backup' ? { type: 'incremental', incremental: { since: scene.full } } : {}
  const dryRun = operation === 'a dry run'
  try {
    const source = databaseSource(ours(database))
    const { id, manifest } = await backup({ source, driver, dryRun, ...incremental })
    if (dryRun) {
      const records = manifest.resources.notes?.totalCount ?? 0
      return records === truth.size ? { is: 'right' } : { is: 'wrong', how: `${records} of ${truth.size}` }
    }
    const back = await openNew()
    await restoreInto(back, { driver, id })
    return compare(truth, await stored(back, data))
  } catch (error) {
    if (!isBackupError(error)) throw error
    return { is: 'failed', saying: `${error.message} ${JSON.stringify(error.metadata)}` }
  }
}

function compare(truth: Map<string, object>, restored: Map<string, object>): Ending {
  const keys = new Set([...truth.keys(), ...restored.keys()])
  const different = [...keys].filter((key) => !isDeepStrictEqual(truth.get(key), restored.get(key)))
  return different.length === 0
    ? { is: 'right' }
    : { is: 'wrong', how: `other than it was: ${different.join(', ')}` }
}
