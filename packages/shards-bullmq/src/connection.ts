import { BackupError } from '@s3db-backup/core'
import type { Redis } from 'ioredis'
import { ioredis } from './engine.js'

/** Where the queue is. */
export interface QueueOptions {
  /** `redis://` or, with TLS, `rediss://`; may hold a user and a password. */
  readonly redis: string
  /** Keys in Redis begin with it. Default `s3db-backup`. */
  readonly prefix?: string | undefined
}

export const defaultPrefix = 's3db-backup'

/** A connection that waits for a Redis that is restarted, however long that takes. */
export function connect(redis: string): Redis {
  let url: URL
  try {
    url = new URL(redis)
  } catch {
    throw notRedis()
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') throw notRedis()
  const connection = new (ioredis().Redis)(redis, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(100 * times, 3000),
  })
  // It reconnects by itself, and everything that waits for it then continues.
  connection.on('error', () => undefined)
  return connection
}

/** The address may hold a password, so it is not shown. */
function notRedis(): BackupError {
  return new BackupError('invalid_options', 'The address of the queue is not a Redis address', {
    operation: 'connect',
    suggestion: 'Give redis://host:6379 or, with TLS, rediss://user:password@host:6379.',
  })
}
