import { BackupError, type Manifest } from '@s3db-backup/core'
import { followSignal, openChain } from '@s3db-backup/core/internal'
import { onDisk } from './disk-error.js'
import { requireDuckDb } from './duckdb-peer.js'
import type { ExportOptions } from './export/export-options.js'
import { type ExportReport, exportTables } from './export/export-tables.js'
import { processPool } from './process-pool.js'
import { parseQueryOptions, type QueryOptions } from './query-options.js'
import { askQuery, type QueryParams, type QueryResult } from './query-result.js'
import { runQuery } from './query-session.js'
import { privateFolder } from './staging/private-folder.js'
import { type Table, tablesOf } from './tables.js'

export interface QueryCall {
  /** Values for `$1`, `?` or `$name` in the SQL. */
  readonly params?: QueryParams | undefined
  /** Ends the query, which then throws `signal.reason`. */
  readonly signal?: AbortSignal | undefined
}

/** A backup that SQL can be run over. */
export interface QuerySession extends AsyncDisposable {
  /** The backup's id. */
  readonly id: string
  readonly manifest: Manifest
  /** The resources at the moment of the backup, as SQL sees them. Reads no records. */
  tables(): Table[]
  /**
   * Runs one SELECT. The parts of the resources that it names are read, checked against their hashes and kept in the
   * private folder until `close`; then a process of its own runs it over these files alone.
   *
   * @throws BackupError `invalid_options` (the SQL), `unsupported` (no SELECT, or it reaches for more than the tables),
   * `corrupt` (naming the part), `no_space` (the limit of memory or the disk), `unavailable` (the limit of time, or the
   * destination); on abort `signal.reason`.
   */
  query(sql: string, call?: QueryCall): Promise<QueryResult>
  /** Writes one file for each resource. */
  export(options: ExportOptions): Promise<ExportReport>
  /** Ends every query and removes the private folder. */
  close(): Promise<void>
}

/**
 * Opens a backup for SQL, with all backups that it builds on. Only manifests are read yet.
 *
 * DuckDB (`@duckdb/node-api`, which is installed separately) runs in its own processes, without this process's
 * environment, network or files, and is killed at its limits. A process runs one query at a time. What it reads lies
 * decrypted in a folder below `tempDir` that only this user may enter; it is removed by `close`, on abort and when this
 * process ends, and what a killed process left is removed by the next `openQuery`.
 *
 * @throws BackupError `unsupported` (DuckDB is not installed), `invalid_options`, `not_found`, `broken_chain`, `corrupt`,
 * `incompatible_format`, `undecryptable`, `conflict`; on abort `signal.reason`.
 *
 * @example
 * ```ts
 * const backup = await openQuery({ driver, id: 'full-2024-03-15T14-30-45-abc123' })
 * const { columns, batches } = await backup.query('SELECT city, count(*) AS n FROM users GROUP BY city')
 * for await (const rows of batches) for (const row of rows) console.log(row)
 * await backup.close()
 * ```
 */
export async function openQuery(options: QueryOptions): Promise<QuerySession> {
  const { driver, id, codecs, encryption, allowPlain, tempDir, ...rest } = parseQueryOptions(options)
  requireDuckDb()
  const closing = new AbortController()
  const signal = followSignal(rest.signal, closing.signal)
  const chain = await openChain({ driver, id, codecs, encryption, allowPlain, operation: 'download', signal })
  const manifest = chain.at(-1)?.manifest
  if (manifest === undefined) throw new BackupError('internal', 'A chain has at least one backup')
  const folder = await privateFolder(tempDir)
  if (signal.aborted) {
    await folder.remove()
    throw signal.reason
  }
  const tables = tablesOf(chain, folder.path)
  const memory = rest.memoryLimit
  const pool = processPool(folder.path, { memory, timeout: rest.timeout })
  const scene = { tables, pool, folder: folder.path, memory, signal }
  const running = new Set<Promise<unknown>>()
  const tracked = <T>(work: Promise<T>): Promise<T> => {
    const ended = work.catch(() => undefined).finally(() => running.delete(ended))
    running.add(ended)
    return onDisk(folder.path, () => work)
  }
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= (async () => {
      closing.abort(new DOMException(`Backup '${id}' was closed`, 'AbortError'))
      await Promise.all(running)
      await pool.close()
      await tables.settled()
      await folder.remove()
    })()
    return closed
  }
  rest.signal.addEventListener('abort', () => close().catch(() => undefined), { once: true })

  return {
    id,
    manifest,
    tables: tables.list,
    query: (sql, { params = [], signal: ended } = {}) =>
      tracked(runQuery(scene, { sql, signal: ended, work: (query) => askQuery(query, sql, params) })),
    export: (what) => tracked(exportTables(scene, what)),
    close,
    [Symbol.asyncDispose]: close,
  }
}
