import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Driver, type RestoreOptions, restore } from '@s3db-backup/core'
import { type MemoryDriver, memory } from '@s3db-backup/driver-testkit'
import { type Database as AnyDatabase, databaseTarget, isDatabase } from '@s3db-backup/s3db'
import { Database } from 's3db.js'
import { onTestFinished } from 'vitest'
import { type Assembly, DatabasePlugin, type PluginOptions } from '../src/index.js'

/** For what runs outside the packages. */
export { Database }

export const call = { signal: new AbortController().signal }

export type Resource = Awaited<ReturnType<Database['createResource']>>

/** The kinds of place that s3db.js itself keeps a database in. */
export type Place = 'memory' | 'file'

/** An address that nobody else has. What lies in a directory is removed after the test. */
export function address(place: Place): string {
  if (place === 'memory') return `memory://bucket-${randomUUID()}/some/prefix`
  const path = mkdtempSync(join(tmpdir(), 's3db-backup-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }), 120_000)
  return `file://${path}/database`
}

/** A real database that prints nothing and is let go of after the test. */
export async function open(
  connectionString: string,
  options: Omit<ConstructorParameters<typeof Database>[0], 'connectionString'> = {},
): Promise<Database> {
  const database = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false, ...options })
  await database.connect()
  onTestFinished(async () => {
    if (database.isConnected()) await database.disconnect()
    Reflect.get(database, 'destroy')?.call(database)
  })
  return database
}

export function openNew(place: Place = 'memory'): Promise<Database> {
  return open(address(place))
}

/** The database under the shape that our own code asks for. */
export function ours(database: unknown): AnyDatabase {
  if (!isDatabase(database)) throw new Error('not a database')
  return database
}

export function restoreInto(
  database: Database,
  made: { readonly driver: Driver; readonly id: string },
  options: Partial<RestoreOptions> = {},
) {
  return restore({ driver: made.driver, id: made.id, target: databaseTarget(ours(database)), ...options })
}

/** A plugin over a driver in memory. */
export function plugin(options: PluginOptions = {}): { plugin: DatabasePlugin; driver: MemoryDriver } {
  const driver = memory()
  return { plugin: new DatabasePlugin(options, over(driver)), driver }
}

export function over(driver: Driver): Assembly {
  return {
    destination: () => ({
      driver,
      type: 'memory',
      folder: '',
      locate: (key) => key,
      describe: (directory) => ({ type: 'memory', path: directory }),
    }),
  }
}
