// The built packages, as users get them, and the s3db.js that it is tested with.
export { BackupPlugin as OwnBackupPlugin } from '../../apps/plugin/dist/index.js'
export * as core from '../../packages/core/dist/index.js'
export { filesystem } from '../../packages/driver-filesystem/dist/index.js'
export { s3 } from '../../packages/driver-s3/dist/index.js'
export { openQuery } from '../../packages/query/dist/index.js'
export { databaseAt, databaseSource, databaseTarget } from '../../packages/s3db/dist/index.js'
export { BackupPlugin, Database } from '../../packages/s3db/node_modules/s3db.js/dist/index.js'

/** DuckDB as `query` has it. */
export const duckdb = async () => {
  const { DuckDBInstance } = await import('../../packages/query/node_modules/@duckdb/node-api/lib/index.js')
  return DuckDBInstance.create()
}
