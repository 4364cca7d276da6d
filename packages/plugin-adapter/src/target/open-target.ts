import { randomUUID } from 'node:crypto'
import { BackupError, isBackupError } from '@s3db-backup/core'
import { redactor, withoutCredentials } from '@s3db-backup/core/internal'
import type { Database } from '@s3db-backup/s3db'
import { checkConnectionString, listObjects, makeRoot, reasonOf } from '@s3db-backup/s3db/internal'

/** A database to restore into, and how to close it. */
export interface OpenTarget {
  readonly database: Database
  /** Whether there was no such database before. */
  readonly isNew: boolean
  /** Disconnects a database that was opened here; leaves any other alone. */
  close(): Promise<void>
}

/** How a target is opened. */
export interface TargetUse {
  /** Only look: a database that is not there yet must not come to be, which connecting to it would do. */
  readonly dryRun: boolean
  readonly signal: AbortSignal
}

/** Texts that are connection strings and not names. */
const connectionString = /^[a-z][a-z0-9+.-]*:\/\//i

/**
 * The given target of `restore`: a database, a connection string, or the name of a sibling of the plugin's own
 * database. A target to open is opened with the class of the plugin's own database, so that s3db.js is never imported a
 * second time.
 */
export async function openTarget(
  target: string | Database | undefined,
  own: Database | undefined,
  use: TargetUse,
): Promise<OpenTarget> {
  if (target !== undefined && typeof target !== 'string') return openGiven(target, use)
  if (own === undefined) throw notInstalled()
  if (target === undefined) return { database: own, isNew: false, close: async () => undefined }
  const address = connectionString.test(target) ? target : siblingOf(own, target)
  const database = await prepared(own, address)
  const isNew = await isAbsent(database, use)
  return isNew && use.dryRun ? openStandIn(database) : connect(database, { address, isNew })
}

/** Throws the problems of a target that are visible without opening it. */
export function checkTarget(target: string | Database | undefined, own: Database | undefined): void {
  if (target !== undefined && typeof target !== 'string') return
  if (own === undefined) throw notInstalled()
  if (target === undefined) return
  if (connectionString.test(target)) checkConnectionString(target)
  else siblingOf(own, target)
}

async function openGiven(database: Database, use: TargetUse): Promise<OpenTarget> {
  let isNew = false
  if (!database.isConnected()) {
    isNew = await isAbsent(database, use)
    if (isNew && use.dryRun) return openStandIn(database)
    await connecting(database, database.connectionString)
  }
  return { database, isNew, close: async () => undefined }
}

/** Connecting writes the metadata file of a database that has none, so the file is looked for before. */
async function isAbsent(database: Database, { signal }: TargetUse): Promise<boolean> {
  await database.ensureClientInitialized?.()
  try {
    for await (const objects of listObjects(database.client, metadataKey, { signal }))
      if (objects.some(({ key }) => key === metadataKey)) return false
    return true
  } catch (error) {
    // The folder of a file database does not exist yet.
    if (isBackupError(error, 'unavailable') && error.metadata.missing === true) return true
    throw error
  }
}

const metadataKey = 's3db.json'

/** Requests at once to a database that is opened here: as many as a restore has records under way. */
const writesInFlight = 64

/** A missing database is empty: an empty database in memory gives the same counts. */
function openStandIn(absent: Database): Promise<OpenTarget> {
  const address = `memory://dry-run-${randomUUID()}`
  return connect(unconnected(absent, address), { address, isNew: true })
}

function unconnected(own: Database, target: string): Database {
  const Constructor: unknown = own.constructor
  if (typeof Constructor !== 'function') throw notInstalled()
  const options = {
    connectionString: target,
    security: own.security,
    clientOptions: own.databaseOptions?.clientOptions,
    // On S3, s3db.js repeats requests for seconds even if the answer is that there is nothing, as in every empty
    // database. The AWS SDK below already repeats what is worth repeating.
    executorPool: { retries: 0, concurrency: writesInFlight },
    logLevel: 'silent',
    exitOnSignal: false,
  }
  return Reflect.construct(Constructor, [options])
}

/** Connects; closing it releases the database. */
async function connect(
  database: Database,
  { address, isNew }: { readonly address: string; readonly isNew: boolean },
): Promise<OpenTarget> {
  await connecting(database, address)
  return {
    database,
    isNew,
    async close() {
      await database.disconnect()
      database.destroy?.()
    },
  }
}

async function connecting(database: Database, address: string | undefined): Promise<void> {
  await database.ensureClientInitialized?.()
  await makeRoot(database.client)
  try {
    await database.connect()
  } catch (cause) {
    throw cannotOpen(address, cause)
  }
}

/** s3db.js reads the address, and loads the package of a client that needs one. */
async function prepared(own: Database, address: string): Promise<Database> {
  try {
    const database = unconnected(own, address)
    await database.ensureClientInitialized?.()
    return database
  } catch (cause) {
    throw isBackupError(cause) ? cause : cannotOpen(address, cause)
  }
}

function cannotOpen(address: string | undefined, cause: unknown): BackupError {
  const { why, code = 'unavailable', suggestion } = reasonOf(cause)
  const message = `Cannot open the target database: ${withoutSecretsOf(address, why)}`
  return new BackupError(code, message, { operation: 'restore', suggestion, cause })
}

/** The own database's connection string with the last segment of its path exchanged for the name. */
function siblingOf(own: Database, name: string): string {
  const base = own.databaseOptions?.connectionString ?? own.connectionString
  if (base === undefined || !/^[\w-][\w.-]*$/.test(name)) {
    throw new BackupError(
      'invalid_options',
      `No database can be reached under the name ${JSON.stringify(name)}`,
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
function withoutSecretsOf(address: string | undefined, message: string): string {
  const { hideConnection, text } = redactor()
  if (address !== undefined) hideConnection(address)
  return text(address === undefined ? message : message.replaceAll(address, withoutCredentials(address)))
}

export function notInstalled(): BackupError {
  return new BackupError('unavailable', 'The backup plugin is not installed in a database', {
    operation: 'connect',
    suggestion:
      'Await db.connect() before db.usePlugin(plugin): s3db.js does not install plugins that were given before. Or give the database to the plugin: new BackupPlugin({ database: db, ... }).',
  })
}
