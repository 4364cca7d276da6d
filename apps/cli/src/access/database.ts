import { BackupError, type Call, isBackupError } from '@s3db-backup/core'
import { untilAborted } from '@s3db-backup/core/internal'
import { type Database, isDatabase } from '@s3db-backup/s3db'
import { askForObject, definitionsKey, reasonOf } from '@s3db-backup/s3db/internal'
import type { Session } from '../session.js'
import { loadS3db } from './load-s3db.js'

export interface OpenDatabase {
  readonly database: Database
  close(): Promise<void>
}

/**
 * Finds out whether there is a database, without making one: s3db.js writes a blank `s3db.json` wherever it is
 * connected and finds none, and replaces one that it cannot read.
 *
 * @throws BackupError `unavailable` if the place cannot be reached, `corrupt` if `s3db.json` is no JSON.
 */
export async function databaseExists(connection: string, { signal }: Session): Promise<boolean> {
  const database = await construct(connection)
  return untilAborted(async () => {
    try {
      const { client } = await withClient(database)
      const bytes = await definitionsOf(client, { signal })
      if (bytes === undefined) return false
      checkMetadata(Buffer.from(bytes).toString('utf8'))
      return true
    } catch (error) {
      throw unreachable(error)
    }
  }, signal)
}

/** Files that do not agree with each other are read as s3db.js reads them: that is what it will replace. */
async function definitionsOf(client: Database['client'], call: Call): Promise<Uint8Array | undefined> {
  try {
    return (await askForObject(client, definitionsKey, call)).object?.body
  } catch (error) {
    if (!isBackupError(error) || error.code !== 'corrupt') throw error
    const seen = await client.getObject(definitionsKey).catch(() => {
      throw damaged(error.message, error)
    })
    return seen.Body?.transformToByteArray?.()
  }
}

/**
 * Opens a database and connects to it. With `mustExist` there is one afterwards only if there was one before.
 *
 * @throws BackupError `not_found` if there is none, and what {@link databaseExists} throws.
 */
export async function openDatabase(
  connection: string,
  session: Session,
  { mustExist }: { readonly mustExist: boolean },
): Promise<OpenDatabase> {
  if (mustExist && !(await databaseExists(connection, session))) {
    throw new BackupError(
      'not_found',
      `There is no database at ${session.terminal.redactor.text(connection)}`,
      {
        operation: 'connect',
        suggestion: 'Check the connection string; a database of s3db.js has an s3db.json at its root.',
      },
    )
  }
  return connect(await construct(connection), session)
}

/** A database that its writer connects later, so that it is not created before. */
export async function openLater(connection: string): Promise<OpenDatabase> {
  const database = await construct(connection)
  return {
    database,
    async close() {
      if (database.isConnected()) await database.disconnect()
      database.destroy?.()
    },
  }
}

/** A database in memory, for runs that must not write anything. */
export async function openNowhere(session: Session): Promise<OpenDatabase> {
  return connect(await construct(`memory://nowhere-${process.pid}`), session)
}

async function connect(database: Database, { signal }: Session): Promise<OpenDatabase> {
  await untilAborted(async () => {
    try {
      await database.connect()
    } catch (error) {
      throw unreachable(error)
    }
  }, signal)
  return {
    database,
    async close() {
      await database.disconnect()
      database.destroy?.()
    },
  }
}

async function construct(connectionString: string): Promise<Database> {
  const { S3db } = await loadS3db()
  const database: unknown = new S3db({
    connectionString,
    logLevel: 'silent',
    // This command handles the signals itself.
    exitOnSignal: false,
    // The default handler of s3db.js fails on deletions and large bodies.
    clientOptions: { httpClientOptions: { useReckerHandler: false } },
    // s3db.js would also repeat requests for missing keys for seconds. The AWS SDK below already repeats where that
    // helps.
    executorPool: { retries: 0, concurrency: 32 },
  })
  if (isDatabase(database)) return database
  throw new BackupError('unsupported', 'This command does not support this version of s3db.js', {
    operation: 'connect',
    suggestion: 'Install s3db.js 21 or newer.',
  })
}

/** Older versions make their client at once, newer ones on demand. */
async function withClient(database: Database): Promise<Database> {
  const ensure: unknown = Reflect.get(database, 'ensureClientInitialized')
  if (typeof ensure === 'function') await ensure.call(database)
  return database
}

function checkMetadata(text: string): void {
  try {
    JSON.parse(text)
  } catch (cause) {
    throw damaged("The database's s3db.json is not JSON", cause)
  }
}

function damaged(message: string, cause: unknown): BackupError {
  return new BackupError('corrupt', message, {
    operation: 'connect',
    suggestion: 'Repair s3db.json first: on connecting, s3db.js would replace it with an empty one.',
    cause,
  })
}

/** What s3db.js and its clients throw, by cause. */
function unreachable(cause: unknown): unknown {
  if (cause instanceof BackupError) return cause
  const { why, code, suggestion } = reasonOf(cause)
  return new BackupError(
    code ?? (isDenied(cause) ? 'permission_denied' : 'unavailable'),
    `Cannot open the database: ${why.split('\n', 1).join()}`,
    { operation: 'connect', suggestion, cause },
  )
}

function isDenied(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const code: unknown = Reflect.get(error, 'code') ?? Reflect.get(error, 'name')
  const denied =
    /EACCES|EPERM|AccessDenied|Forbidden|InvalidAccessKeyId|SignatureDoesNotMatch|PermissionError/
  return Reflect.get(error, 'statusCode') === 403 || denied.test(String(code))
}
