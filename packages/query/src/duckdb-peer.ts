import { findPackageJSON } from 'node:module'
import { BackupError } from '@s3db-backup/core'

/** Throws `unsupported` unless DuckDB is installed. It is loaded by the process of a query alone. */
export function requireDuckDb(from: string | URL = import.meta.url): void {
  try {
    // Resolved as the query process will resolve it, without NODE_PATH.
    findPackageJSON('@duckdb/node-api', from)
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
