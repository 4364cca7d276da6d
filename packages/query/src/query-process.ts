/*
 * The process of one query: it is forked, does what it is asked in turn, and is killed. It has no secrets and opens no
 * files but those that it is given. It imports with the ending .ts so that Node can start it from its source.
 */
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api'
import { failureOf } from './process/failures.ts'
import { jsonOf, typeName } from './process/json-values.ts'
import { type DatabaseLimits, isRequest, type Request } from './process/messages.ts'
import type { Reply, ReplyOf } from './process/replies.ts'
import { emptyDatabase, prepareSelect, sandbox } from './process/sandbox.ts'

/** Rows in a message. */
const rowsAtOnce = 256

let database: DuckDBConnection | undefined
let rows: AsyncIterator<ReplyOf<'rows'>> | undefined
/** The next database, which is made while its files are written. */
let prepared: Promise<DuckDBConnection> | undefined

function prepareEmpty(limits: DatabaseLimits): void {
  prepared ??= emptyDatabase(limits)
  // The caller that opens it gets the error.
  prepared.catch(() => undefined)
}

function takeEmpty(): Promise<DuckDBConnection> | undefined {
  const taken = prepared
  prepared = undefined
  return taken
}

async function answer(request: Request): Promise<Reply> {
  switch (request.type) {
    case 'names': {
      const empty = await sandbox([], { files: [], memory: 64 * 2 ** 20, threads: 1 })
      const names = empty.getTableNames(request.sql, false)
      empty.closeSync()
      if (database === undefined) prepareEmpty(request)
      return { type: 'names', names: [...names] }
    }
    case 'open':
      database?.closeSync()
      database = await sandbox(request.views, request, takeEmpty() ?? emptyDatabase(request))
      return { type: 'opened' }
    case 'query': {
      const statement = await prepareSelect(opened(), request.sql)
      const { params } = request
      if (Array.isArray(params) ? params.length > 0 : Object.keys(params).length > 0) statement.bind(params)
      const result = await statement.stream()
      rows = batches(result)
      const columns = result.columnTypes().map((type, index) => ({
        name: result.columnName(index),
        type: typeName(type),
      }))
      return { type: 'columns', columns }
    }
    case 'next': {
      const step = await rows?.next()
      return step === undefined || step.done === true ? { type: 'rows', rows: [], done: true } : step.value
    }
    case 'copy': {
      const { sql, file, options } = request
      // By itself it is a single SELECT, so no part of it can escape the parentheses.
      await prepareSelect(opened(), sql)
      const to = `'${file.replaceAll("'", "''")}'`
      const { rowsChanged } = await opened().run(
        `COPY (\n${sql}\n) TO ${to} (${options}, USE_TMP_FILE false)`,
      )
      return { type: 'copied', records: rowsChanged }
    }
  }
}

function opened(): DuckDBConnection {
  if (database === undefined) throw new Error('No database was opened')
  return database
}

async function* batches(result: DuckDBResult): AsyncGenerator<ReplyOf<'rows'>> {
  // The types of a chunk do not distinguish JSON from other texts.
  const types = result.columnTypes()
  for await (const chunk of result) {
    const all = chunk.getRows().map((row) => row.map((value, index) => jsonOf(value, types[index])))
    for (let from = 0; from < all.length; from += rowsAtOnce)
      yield { type: 'rows', rows: all.slice(from, from + rowsAtOnce), done: false }
  }
}

function send(reply: Reply): void {
  process.send?.(reply)
}

let turn = Promise.resolve()

process.on('message', (message) => {
  turn = turn.then(async () => {
    try {
      if (!isRequest(message)) throw new Error('This is no request')
      send(await answer(message))
    } catch (error) {
      send({ type: 'failed', ...failureOf(error) })
    }
  })
})

// The parent process is gone.
process.once('disconnect', () => process.exit())

send({ type: 'ready' })
