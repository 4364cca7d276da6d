import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BackupError, isBackupError } from '@s3db-backup/core'
import { Database } from 's3db.js'
import { onTestFinished } from 'vitest'
import type { BackupPlugin } from '../src/index.js'

/** A new empty directory that is removed after the test. */
export function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 's3db-backup-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export const memoryAddress = (): string => `memory://bucket-${randomUUID()}/prefix`

export const fileAddress = (): string => `file://${scratch()}/database`

type Options = ConstructorParameters<typeof Database>[0]

/** A database that prints nothing, not yet connected. */
export function made(options: Options = {}): Database {
  const database = new Database({
    connectionString: memoryAddress(),
    logLevel: 'silent',
    exitOnSignal: false,
    ...options,
  })
  onTestFinished(async () => {
    if (database.isConnected()) await database.disconnect()
    await database.destroy()
  })
  return database
}

export async function connected(options: Options = {}): Promise<Database> {
  const database = made(options)
  await database.connect()
  return database
}

/** A connected database with some users. */
export async function filled(count = 3, options: Options = {}): Promise<Database> {
  const database = await connected(options)
  const users = await database.createResource({ name: 'users', attributes: { name: 'string', n: 'number' } })
  for (let n = 0; n < count; n++) await users.insert({ id: `u${n}`, name: `Zoë ${n}`, n })
  return database
}

/** Gives the plugin to the database. The types of s3db.js ask for its own base class; any plugin will do. */
export async function install(database: Database, plugin: BackupPlugin, name?: string): Promise<void> {
  const use: unknown = Reflect.get(database, 'usePlugin')
  if (typeof use !== 'function') throw new Error('not a database')
  await use.call(database, plugin, name)
}

/** The failure of a call that has to fail. */
export async function failure(work: () => unknown): Promise<BackupError> {
  try {
    await work()
  } catch (error) {
    if (isBackupError(error)) return error
    throw new Error(`not a BackupError: ${String(error)}`, { cause: error })
  }
  throw new Error('it did not fail')
}
