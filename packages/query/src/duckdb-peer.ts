import { findPackageJSON } from 'node:module'
import { BackupError } from '@s3db-backup/core'

/** Throws `unsupported` unless DuckDB is installed. It is loaded by the process of a query alone. */
export function requireDuckDb(from: string | URL = import.meta.url): void {
  try {
    // As the process of a query will look for it: not where NODE_PATH leads.
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
