import type { JsonValue } from '@s3db-backup/core'
import type { OpenQuery } from './query-session.js'

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

/** The result of a query. */
export interface QueryResult {
  readonly columns: readonly ResultColumn[]
  /**
   * The rows as they are found, in batches. They can be read once; stopping early ends the query, whose process lives
   * until then.
   */
  readonly batches: Batches
}

/** A value in the place of `$1` or `?`, or of `$name`. */
export type QueryParams =
  | readonly (string | number | boolean | null)[]
  | Readonly<Record<string, string | number | boolean | null>>

/**
 * Asks a query. Its first rows are there already, so that what cannot be run fails here and not where the
 * rows are taken.
 */
export async function askQuery(query: OpenQuery, sql: string, params: QueryParams): Promise<QueryResult> {
  const { columns } = await query.ask({ type: 'query', sql, params: copied(params) }, 'columns')
  const first = await query.ask({ type: 'next' }, 'rows')
  return { columns, batches: untilTaken(query, first) }
}

interface Rows {
  readonly rows: readonly QueryRow[]
  readonly done: boolean
}

/** Ends the query even if no row is read: a generator that was not started has no end of its own. */
function untilTaken(query: OpenQuery, first: Rows): Batches {
  const batches = rest(query, first)
  let over = false
  return {
    async next() {
      const step = await batches.next()
      over ||= step.done === true
      return step
    },
    async return() {
      if (!over) await query.kill()
      over = true
      return batches.return()
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* rest(query: OpenQuery, first: Rows): AsyncGenerator<readonly QueryRow[], void, undefined> {
  let done = false
  try {
    for (let step = first; ; step = await query.ask({ type: 'next' }, 'rows')) {
      done = step.done
      if (done) return
      yield step.rows
    }
  } finally {
    await (done ? query.done() : query.kill())
  }
}

type Scalars = (string | number | boolean | null)[] | Record<string, string | number | boolean | null>

function copied(params: QueryParams): Scalars {
  return isList(params) ? [...params] : { ...params }
}

function isList(params: QueryParams): params is Extract<QueryParams, readonly unknown[]> {
  return Array.isArray(params)
}
