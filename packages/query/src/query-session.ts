import { BackupError, isBackupError } from '@s3db-backup/core'
import { followSignal, untilAborted } from '@s3db-backup/core/internal'
import type { QueryProcess } from './process/start-process.js'
import type { ProcessPool } from './process-pool.js'
import { unreadTable } from './sql/table-view.js'
import type { Tables } from './tables.js'

/** Where queries of one backup run. */
export interface QueryScene {
  readonly tables: Tables
  readonly pool: ProcessPool
  readonly folder: string
  /** Bytes of memory for each query. */
  readonly memory: number
  readonly signal: AbortSignal
}

/** A query whose tables are open. It has to be ended, in one way or the other. */
export interface OpenQuery extends Pick<QueryProcess, 'ask'> {
  /** Its work is done. */
  done(): Promise<void>
  /** It is not wanted any more. */
  kill(): Promise<void>
}

/** The work once the tables are open. `file` is an additional file that it may write. */
export interface QueryRun<T> {
  readonly sql: string
  readonly signal?: AbortSignal | undefined
  readonly file?: string | undefined
  readonly work: (query: OpenQuery) => Promise<T>
}

const threads = 2

/**
 * Takes a process, reads the tables that the SQL names, opens them in it and does the work. A query that uses a table
 * not visible in its text is run again with all of them. A failure ends its process.
 */
export async function runQuery<T>(scene: QueryScene, run: QueryRun<T>): Promise<T> {
  try {
    return await attempt(scene, run)
  } catch (error) {
    if (!isUnread(error) || scene.tables.isWhole()) throw error
    await untilAborted(() => scene.tables.read(), followSignal(scene.signal, run.signal))
    return attempt(scene, run)
  }
}

async function attempt<T>(scene: QueryScene, run: QueryRun<T>): Promise<T> {
  const { tables, pool, memory } = scene
  const signal = followSignal(scene.signal, run.signal)
  signal.throwIfAborted()
  // The process takes a while to start, so staging begins meanwhile.
  const taken = pool.take(signal)
  tables.foresee(run.sql)
  const worker = await taken
  const { ask, spill } = worker.process
  const limits = { spill, memory, threads }
  let partOf: ReadonlyMap<string, string> = new Map()
  try {
    const { names } = await ask({ type: 'names', sql: run.sql, ...limits }, 'names')
    await untilAborted(() => tables.read(names), signal)
    const open = tables.open()
    partOf = open.partOf
    if (worker.opened !== open.read || run.file !== undefined) {
      worker.opened = undefined
      const views = [...open.views]
      const files = [...open.files, ...(run.file === undefined ? [] : [run.file])]
      await ask({ type: 'open', views, files, ...limits }, 'opened')
      if (run.file === undefined) worker.opened = open.read
    }
    return await run.work({ ask, done: () => pool.release(worker), kill: () => pool.kill(worker) })
  } catch (error) {
    await pool.kill(worker)
    throw withParts(error, partOf)
  }
}

function isUnread(error: unknown): boolean {
  return isBackupError(error, 'invalid_options') && error.message.includes(unreadTable)
}

/** Files of the private folder are called as the parts that they were made of. */
function withParts(error: unknown, partOf: ReadonlyMap<string, string>): unknown {
  if (!isBackupError(error)) return error
  const named = [...partOf].filter(([file]) => error.message.includes(file))
  if (named.length === 0) return error
  const message = named.reduce((text, [file, part]) => text.replaceAll(file, part), error.message)
  const { code, operation, suggestion, metadata } = error
  const parts = named.map(([, part]) => part)
  return new BackupError(code, message, { operation, suggestion, metadata: { ...metadata, parts } })
}
