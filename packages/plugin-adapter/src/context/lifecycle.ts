import type { Database } from '@s3db-backup/s3db'

/** The plugin's reactions to its database connecting and disconnecting. */
export interface Lifecycle {
  connected(): void
  disconnected(): void
}

/**
 * Follows a database. s3db.js does not notify plugins added by `usePlugin`: it starts only those added after
 * `connect()`, and stops none. Returns a function that stops following.
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
