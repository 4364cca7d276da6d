import type { JsonValue } from '@s3db-backup/core'
import type { QueryProcess } from './process/start-process.js'

/** A column of a result. */
export interface ResultColumn {
  readonly name: string
  /** Its type in DuckDB. */
  readonly type: string
}

/** The values of a row, in the order of the columns. */
export type QueryRow = readonly JsonValue[]

/** Rows, some at a time. `return` ends the query early, as leaving a loop does. */
export interface Batches extends AsyncIterableIterator<readonly QueryRow[], void, undefined> {
  return(): Promise<IteratorResult<readonly QueryRow[], void>>
}

/** What a query gives. */
export interface QueryResult {
  readonly columns: readonly ResultColumn[]
  /**
   * The rows as they are found, some at a time. They can be taken once; whoever stops early ends the query, whose process
   * lives until then.
   */
  readonly batches: Batches
}

/** A value in the place of `$1` or `?`, or of `$name`. */
export type QueryParams =
  | readonly (string | number | boolean | null)[]
  | Readonly<Record<string, string | number | boolean | null>>

/**
 * Asks a process a query. Its first rows are there already, so that what cannot be run fails here and not where the
 * rows are taken.
 */
export async function askQuery(
  process: QueryProcess,
  sql: string,
  params: QueryParams,
): Promise<QueryResult> {
  const { columns } = await process.ask({ type: 'query', sql, params: copied(params) }, 'columns')
  const first = await process.ask({ type: 'next' }, 'rows')
  return { columns, batches: untilTaken(process, first) }
}

interface Rows {
  readonly rows: readonly QueryRow[]
  readonly done: boolean
}

/** Ends the process also for whoever takes no row at all: a generator that was not begun has no end of its own. */
function untilTaken(process: QueryProcess, first: Rows): Batches {
  const batches = rest(process, first)
  return {
    next: () => batches.next(),
    async return() {
      await process.kill()
      return batches.return()
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* rest(
  process: QueryProcess,
  first: Rows,
): AsyncGenerator<readonly QueryRow[], void, undefined> {
  try {
    for (let { rows, done } = first; !done; { rows, done } = await process.ask({ type: 'next' }, 'rows'))
      yield rows
  } finally {
    await process.kill()
  }
}

type Scalars = (string | number | boolean | null)[] | Record<string, string | number | boolean | null>

function copied(params: QueryParams): Scalars {
  return isList(params) ? [...params] : { ...params }
}

function isList(params: QueryParams): params is Extract<QueryParams, readonly unknown[]> {
  return Array.isArray(params)
}
