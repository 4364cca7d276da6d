import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { abortable, BackupError, type Driver, type ErrorCode, type Operation } from '@s3db-backup/core'

/** Where backups are kept. */
export interface ExampleOptions {
  /** An SQLite file. Created at the first use; its directory must exist. */
  readonly path: string
}

/** An object exists once its row in `objects` does; until then its chunks belong to an invisible upload. */
const tables = `
  PRAGMA busy_timeout = 10000;
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS chunks (upload TEXT, position INTEGER, data BLOB, PRIMARY KEY (upload, position));
  CREATE TABLE IF NOT EXISTS objects (key TEXT PRIMARY KEY, upload TEXT, bytes INTEGER);
  CREATE TRIGGER IF NOT EXISTS removed AFTER DELETE ON objects
    BEGIN DELETE FROM chunks WHERE upload = OLD.upload; END`

/** Keeps backups in one SQLite file. Checks its options at once, and opens the file at the first call. */
export function example(options: ExampleOptions): Driver {
  if (typeof options?.path !== 'string' || options.path === '') {
    throw new BackupError('invalid_options', 'Invalid options of the driver: path must name a file', {
      operation: 'validateConfig',
      driver: 'example',
    })
  }
  let opened: DatabaseSync | undefined

  /** One SQL statement at a time. SQLite answers at once, so an abort has nothing to wait for here. */
  function sql(operation: Operation, text: string, ...values: (string | number | Uint8Array)[]) {
    try {
      if (opened === undefined) {
        opened = new DatabaseSync(options.path)
        opened.exec(tables)
      }
      return opened.prepare(text).get(...values)
    } catch (error) {
      throw byCause(error, operation)
    }
  }

  /** Removes the chunks of a failed upload. If that fails, the caller still gets the error of the upload. */
  function discard(upload: string) {
    try {
      sql('upload', 'DELETE FROM chunks WHERE upload = ?', upload)
    } catch {
      // No reader sees these chunks.
    }
  }

  return {
    name: 'example',
    capabilities: { range: true },

    async put(key, body, { signal }) {
      const upload = randomUUID()
      let bytes = 0
      try {
        for await (const chunk of abortable(body, signal)) {
          if (chunk.byteLength === 0) continue
          sql('upload', 'INSERT INTO chunks VALUES (?, ?, ?)', upload, bytes, chunk)
          bytes += chunk.byteLength
        }
        signal.throwIfAborted()
        sql('upload', 'INSERT INTO objects VALUES (?, ?, ?)', key, upload, bytes)
        return { bytes }
      } catch (error) {
        discard(upload)
        throw error
      }
    },

    async *get(key, { signal, offset = 0, length = Number.POSITIVE_INFINITY }) {
      signal.throwIfAborted()
      const object = sql('download', 'SELECT upload, bytes FROM objects WHERE key = ?', key)
      if (object === undefined) throw notFound(key)
      const end = Math.min(offset + length, Number(object.bytes))
      for (let at = offset; at < end; ) {
        const chunk = sql('download', chunkAt, String(object.upload), at)
        if (!(chunk?.data instanceof Uint8Array)) throw notFound(key)
        const from = Number(chunk.position)
        const data = chunk.data.subarray(at - from, end - from)
        yield data
        signal.throwIfAborted()
        at += data.byteLength
      }
    },

    async *list(prefix, { signal }) {
      signal.throwIfAborted()
      for (let last = ''; ; ) {
        const object = sql('list', nextObject, prefix, last)
        last = String(object?.key)
        // Keys are sorted by their bytes: keys with a common prefix are adjacent.
        if (object === undefined || !last.startsWith(prefix)) return
        // Every put is a new upload, so the upload's id identifies one state of a key.
        yield { key: last, bytes: Number(object.bytes), stamp: String(object.upload) }
        signal.throwIfAborted()
      }
    },

    async delete(key, { signal }) {
      signal.throwIfAborted()
      sql('delete', 'DELETE FROM objects WHERE key = ?', key)
    },

    async close() {
      opened?.close()
      opened = undefined
    },
  }
}

const chunkAt =
  'SELECT position, data FROM chunks WHERE upload = ? AND position <= ? ORDER BY position DESC LIMIT 1'
const nextObject = 'SELECT key, bytes, upload FROM objects WHERE key >= ? AND key > ? ORDER BY key LIMIT 1'

/** SQLite's result codes (https://sqlite.org/rescode.html) by cause. */
const causes: Readonly<Record<number, ErrorCode>> = {
  5: 'unavailable', // busy
  8: 'permission_denied', // read-only
  10: 'unavailable', // the disk failed
  11: 'corrupt',
  13: 'no_space',
  14: 'permission_denied', // cannot be opened
  19: 'conflict', // the key is taken
  26: 'conflict', // another kind of file
}

function byCause(error: unknown, operation: Operation): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error
  const code = causes[Number(error.errcode) & 0xff] ?? 'internal'
  return new BackupError(code, `SQLite: ${error.message}`, { operation, driver: 'example', cause: error })
}

function notFound(key: string): BackupError {
  const details = { operation: 'download', driver: 'example', metadata: { key } } as const
  return new BackupError('not_found', `There is no object ${key}`, details)
}
