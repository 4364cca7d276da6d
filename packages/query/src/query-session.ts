import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BackupError, isBackupError } from '@s3db-backup/core'
import { followSignal, untilAborted } from '@s3db-backup/core/internal'
import { type QueryProcess, startProcess } from './process/start-process.js'
import type { CheckedQueryOptions } from './query-options.js'
import { unreadTable } from './sql/table-view.js'
import type { Tables } from './tables.js'

/** Where queries of one backup run. */
export interface QueryScene {
  readonly tables: Tables
  readonly folder: string
  readonly limits: Pick<CheckedQueryOptions, 'memoryLimit' | 'timeout'>
  readonly signal: AbortSignal
  /** The processes that were not ended yet. */
  readonly living: Set<QueryProcess>
}

/** What is done in a process once its tables are open. `file` is one that it may write besides. */
export interface QueryRun<T> {
  readonly sql: string
  readonly signal?: AbortSignal | undefined
  readonly file?: string | undefined
  readonly work: (process: QueryProcess) => Promise<T>
}

const threads = 2

let processes = 0

/**
 * Starts a process, reads the tables that the SQL names, opens them in it and does the work. A query that reaches a table
 * in a way that does not show in its text is run again with all of them. The process lives on where the work succeeds.
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
  const { tables, folder, limits, living } = scene
  const signal = followSignal(scene.signal, run.signal)
  signal.throwIfAborted()
  const spill = join(folder, `spill-${++processes}`)
  await mkdir(spill, { mode: 0o700 })
  const started = startProcess({ folder, memory: limits.memoryLimit, timeout: limits.timeout, signal })
  const process: QueryProcess = {
    ask: started.ask,
    async kill() {
      await started.kill()
      await rm(spill, { recursive: true, force: true, maxRetries: 5 })
      living.delete(process)
    },
  }
  living.add(process)
  let partOf: ReadonlyMap<string, string> = new Map()
  try {
    const { names } = await process.ask({ type: 'names', sql: run.sql }, 'names')
    await untilAborted(() => tables.read(names), signal)
    const open = tables.open()
    partOf = open.partOf
    const files = [...open.files, ...(run.file === undefined ? [] : [run.file])]
    await process.ask(
      { type: 'open', views: [...open.views], files, spill, memory: limits.memoryLimit, threads },
      'opened',
    )
    return await run.work(process)
  } catch (error) {
    await process.kill()
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
