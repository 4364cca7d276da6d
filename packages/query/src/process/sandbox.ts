import { type DuckDBConnection, DuckDBInstance, StatementType } from '@duckdb/node-api'

/** The resources that a database may use. */
export interface Limits {
  /** The only files that it may open. */
  readonly files: readonly string[]
  /** The only folder that it may write to; nothing is written without one. */
  readonly spill?: string | undefined
  readonly memory: number
  readonly threads: number
}

/** An empty database in memory, which is not a sandbox yet. */
export async function emptyDatabase({
  spill,
  memory,
  threads,
}: Omit<Limits, 'files'>): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: `${memory}B`,
    temp_directory: spill ?? '',
    // More than this is written by queries that do not end.
    max_temp_directory_size: `${16 * memory}B`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_persistent_secrets: 'false',
  })
  const connection = await instance.connect()
  await connection.run("SET TimeZone = 'UTC'")
  return connection
}

/**
 * A database in memory that runs the SQL of strangers: with the given views, over the given files, and without any way
 * to other files, the network, extensions or its own settings.
 */
export async function sandbox(
  views: readonly string[],
  limits: Limits,
  empty = emptyDatabase(limits),
): Promise<DuckDBConnection> {
  const connection = await empty
  for (const view of views) await connection.run(view)
  const { files } = limits
  const paths = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ')
  if (files.length > 0) await connection.run(`SET allowed_paths = [${paths}]`)
  await connection.run('SET enable_external_access = false')
  await connection.run('SET lock_configuration = true')
  return connection
}

/** The SQL is not a query. */
export class NotSelect extends Error {}

/** Prepares one SELECT. Everything else is refused: what it writes could be what is read next. */
export async function prepareSelect(connection: DuckDBConnection, sql: string) {
  const statements = await connection.extractStatements(sql)
  if (statements.count !== 1)
    throw new NotSelect(`One statement is run at a time, and this is ${statements.count}`)
  const statement = await statements.prepare(0)
  if (statement.statementType === StatementType.SELECT) return statement
  throw new NotSelect(
    `Only SELECT is run, and this is ${StatementType[statement.statementType] ?? 'another'}`,
  )
}
