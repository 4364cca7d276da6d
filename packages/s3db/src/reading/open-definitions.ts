import { Readable } from 'node:stream'
import { BackupError, isBackupError } from '@s3db-backup/core'
import { type Database, isDatabase, type Resource, type SavedResource } from '../client/database.js'
import { definitionsKey } from '../definitions-file.js'

/**
 * Resources as s3db.js itself makes them of the entries of `s3db.json`, by name. A database of the same class is opened
 * on a client that has these entries and nothing else, and that writes nothing: the storage is not touched, nor is the
 * connected database.
 *
 * Throws `unsupported` for entries that s3db.js cannot open.
 */
export async function openDefinitions(
  database: Database,
  entries: Readonly<Record<string, SavedResource>>,
): Promise<ReadonlyMap<string, Resource>> {
  const text = JSON.stringify({ version: '1', s3dbVersion: database.s3dbVersion, resources: entries })
  const opened = construct(database, {
    client: definitionsClient(text),
    // Needed to distinguish secrets from other attributes; nothing is decrypted.
    security: database.security,
    versioningEnabled: Reflect.get(database, 'versioningEnabled'),
    strictValidation: false,
    plugins: [],
    logLevel: 'silent',
    exitOnSignal: false,
    autoCleanup: false,
    // The ones of a database listen to the signals of the process.
    processManager: {},
    cronManager: {},
  })
  try {
    await opened.connect()
    // Disconnecting removes the database's own list of resources.
    return new Map(Object.entries(opened.resources))
  } catch (cause) {
    throw cannotOpen(Object.keys(entries), cause)
  } finally {
    await opened.disconnect()
  }
}

function construct(database: Database, options: object): Database {
  const Constructor: unknown = database.constructor
  const made: unknown =
    typeof Constructor === 'function' ? Reflect.construct(Constructor, [options]) : undefined
  if (isDatabase(made)) return made
  throw new BackupError('unsupported', 'Cannot determine the class of this database', { operation: 'backup' })
}

/** A client with a single object, `s3db.json`. Writes to it are dropped. */
function definitionsClient(text: string) {
  const nothing = async () => ({})
  return {
    config: { bucket: 'definitions', keyPrefix: '', endpoint: 'definitions://' },
    keyPrefix: '',
    connectionString: '',
    exists: async (key: string) => key === definitionsKey,
    getObject: async () => ({ Body: body(text), Metadata: {}, ContentType: 'application/json' }),
    headObject: nothing,
    listObjects: async () => ({ Contents: [], IsTruncated: false }),
    putObject: nothing,
    deleteObject: nothing,
    on: () => undefined,
    off: () => undefined,
    emit: () => false,
    removeAllListeners: () => undefined,
    destroy: () => undefined,
  }
}

/** As s3db.js reads a body: as a stream, or whole. */
function body(text: string) {
  const bytes = Buffer.from(text)
  return Object.assign(Readable.from([bytes]), {
    transformToByteArray: async () => new Uint8Array(bytes),
    transformToString: async () => text,
  })
}

export function cannotOpen(names: readonly string[], cause: unknown): unknown {
  if (isBackupError(cause)) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new BackupError('unsupported', `s3db.js cannot open the definition of ${names.join(', ')}: ${why}`, {
    operation: 'backup',
    suggestion:
      'No other process can open the database as it is. Create the resource again with a valid definition.',
    metadata: { resources: names },
    cause,
  })
}
