import { BackupError } from '@s3db-backup/core'
import type { Database } from './database.js'

/** A database to restore into, and how to let go of it. */
export interface OpenTarget {
  readonly database: Database
  /** Disconnects a database that was opened here; leaves any other alone. */
  close(): Promise<void>
}

/** Texts that are connection strings and not names. */
const connectionString = /^[a-z][a-z0-9+.-]*:\/\//i

/**
 * The target that `restore` was given: a database as it is, a connection string, or the name of a sibling of
 * the plugin's own database. What has to be opened is opened with the class of the plugin's own database, so
 * that s3db.js is never imported a second time.
 */
export async function openTarget(
  target: string | Database | undefined,
  own: Database | undefined,
): Promise<OpenTarget> {
  if (target !== undefined && typeof target !== 'string')
    return { database: await connected(target), close: async () => undefined }
  if (own === undefined) throw notInstalled()
  if (target === undefined) return { database: own, close: async () => undefined }
  const database = await connect(own, connectionString.test(target) ? target : siblingOf(own, target))
  return {
    database,
    async close() {
      await database.disconnect()
      database.destroy?.()
    },
  }
}

async function connected(database: Database): Promise<Database> {
  if (!database.isConnected()) await database.connect()
  return database
}

async function connect(own: Database, target: string): Promise<Database> {
  const Constructor: unknown = own.constructor
  if (typeof Constructor !== 'function') throw notInstalled()
  const options = {
    connectionString: target,
    security: own.security,
    clientOptions: own.databaseOptions?.clientOptions,
    logLevel: 'silent',
    exitOnSignal: false,
  }
  const database: Database = Reflect.construct(Constructor, [options])
  try {
    await database.connect()
    return database
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new BackupError(
      'unavailable',
      `The target database could not be opened: ${redact(message, target)}`,
      { operation: 'restore', cause },
    )
  }
}

/** The own database's connection string with the last segment of its path exchanged for the name. */
function siblingOf(own: Database, name: string): string {
  const base = own.databaseOptions?.connectionString ?? own.connectionString
  if (base === undefined || !/^[\w-][\w.-]*$/.test(name)) {
    throw new BackupError(
      'invalid_options',
      `There is no database to be reached under the name ${JSON.stringify(name)}`,
      {
        operation: 'restore',
        suggestion: 'Give a database, or a connection string such as s3://KEY:SECRET@bucket/databases/name.',
      },
    )
  }
  const [address = '', query] = base.split('?', 2)
  const scheme = address.slice(0, address.indexOf('://') + 3)
  const segments = address.slice(scheme.length).replace(/\/+$/, '').split('/')
  const parents = segments.length > 1 ? segments.slice(0, -1) : segments
  return `${scheme}${[...parents, name].join('/')}${query === undefined ? '' : `?${query}`}`
}

/** Connection strings hold credentials, and errors of clients may quote them. */
function redact(message: string, secret: string): string {
  return message.replaceAll(secret, '(connection string)').replaceAll(/\/\/[^/@\s]+@/g, '//***@')
}

export function notInstalled(): BackupError {
  return new BackupError('unavailable', 'The backup plugin is not installed in a database', {
    operation: 'connect',
    suggestion:
      'Await db.connect() before db.usePlugin(plugin): s3db.js does not install plugins that came before. Or give the database to the plugin: new BackupPlugin({ database: db, ... }).',
  })
}
