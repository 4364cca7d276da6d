import type { Database } from '@s3db-backup/s3db'

/** What a plugin does when its database comes and goes. */
export interface Lifecycle {
  connected(): void
  disconnected(): void
}

/**
 * Follows a database. s3db.js tells plugins that were added by `usePlugin` of neither: it starts only those that
 * were added after `connect()`, and stops none of them. Returns how to let go of the database.
 */
export function follow(database: Database, { connected, disconnected }: Lifecycle): () => void {
  database.on('db:connected', connected)
  // The S3 client of s3db.js never answers after it is disconnected, so nothing may still be waiting for it.
  database.on('disconnected', disconnected)
  return () => {
    database.off?.('db:connected', connected)
    database.off?.('disconnected', disconnected)
  }
}
