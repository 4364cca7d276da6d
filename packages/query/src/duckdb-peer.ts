import { createRequire } from 'node:module'
import { BackupError } from '@s3db-backup/core'

/** Throws `unsupported` unless DuckDB is installed. It is loaded by the process of a query alone. */
export function requireDuckDb(from: string | URL = import.meta.url): void {
  try {
    createRequire(from).resolve('@duckdb/node-api')
  } catch (cause) {
    throw new BackupError(
      'unsupported',
      'Queries need the package @duckdb/node-api, which is not installed',
      {
        operation: 'download',
        suggestion: 'Run: npm install @duckdb/node-api',
        cause,
      },
    )
  }
}
