import { type Driver, restore } from '@s3db-backup/core'
import { Database } from 's3db.js'
import { databaseSource, databaseTarget, isDatabase, type SourceOptions } from '../../src/index.js'

export type { Database }

export type Attributes = NonNullable<Parameters<Database['createResource']>[0]['attributes']>

let count = 0

/** A name that no other database of this run has. */
export function freshName(): string {
  count += 1
  return `incremental-${process.pid}-${count}`
}

/** A new session with the database at the address, silent. */
export async function connect(
  connectionString: string,
  prepare: (client: Database['client']) => void = () => undefined,
): Promise<Database> {
  const database = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false })
  await database.ensureClientInitialized()
  prepare(database.client)
  await database.connect()
  return database
}

/** A session with a new, empty database in memory. */
export const freshDatabase = (): Promise<Database> => connect(`memory://${freshName()}`)

/** The types of s3db.js promise less than its databases keep. */
function checked(database: unknown) {
  if (!isDatabase(database)) throw new Error('not a database')
  return database
}

export const sourceOf = (database: Database, options?: SourceOptions) =>
  databaseSource(checked(database), options)

export const targetOf = (database: Database) => databaseTarget(checked(database))

/** What lies in a database, key by key, read with nothing but its client. */
export async function contentsOf(
  { client }: Database,
  among: (key: string) => boolean = () => true,
): Promise<Record<string, unknown>> {
  const keys = (await client.getAllKeys({})).filter(among).sort()
  const contents: Record<string, unknown> = {}
  for (const key of keys) {
    const { Metadata, Body, ContentType } = await client.getObject(key)
    const body = Buffer.from((await Body?.transformToByteArray?.()) ?? [])
    contents[key] = { metadata: Metadata, body: body.toString('base64'), type: ContentType }
  }
  return contents
}

/**
 * What a backup must bring back exactly: records, counters and history. Partition references are made again from
 * the records, and s3db.js may be late with them.
 */
export const isKept = (key: string): boolean =>
  /^resource=[^/]+\/(data|sequence=|historical)/.test(key) && !key.endsWith('/lock')

/** The records themselves. */
export const isRecord = (key: string): boolean => key.includes('/data/')

/** What a restore of the backup brings, record by record. */
export async function restoredRecords(driver: Driver, id: string): Promise<Record<string, unknown>> {
  const target = await freshDatabase()
  await restore({ driver, id, target: targetOf(target), verify: false })
  return contentsOf(target, isRecord)
}
