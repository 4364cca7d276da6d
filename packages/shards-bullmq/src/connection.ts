import { BackupError } from '@s3db-backup/core'
import type { Redis } from 'ioredis'
import { ioredis } from './engine.js'

/** Where the queue is. */
export interface QueueOptions {
  /** `redis://` or, with TLS, `rediss://`; may hold a user and a password. */
  readonly redis: string
  /** Keys in Redis begin with it. Default `s3db-backup`. */
  readonly prefix?: string | undefined
  /**
   * Called once for each time that Redis cannot be used, with `unavailable`, or with `permission_denied` if it refuses
   * the user or the password. The connection is tried again until it works.
   */
  readonly onProblem?: ((problem: BackupError) => void) | undefined
}

export const defaultPrefix = 's3db-backup'

/** A connection that waits for a Redis that is restarted, however long that takes. */
export function connect({ redis, onProblem }: QueueOptions): Redis {
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
  let isTold = false
  // It reconnects by itself, and everything that waits for it then continues.
  connection.on('error', (cause: Error) => {
    if (!isTold) onProblem?.(unusable(url, cause))
    isTold = true
  })
  connection.on('ready', () => {
    isTold = false
  })
  return connection
}

/** What waits for a connection, and can be closed. */
interface Closable {
  /** `force`: without waiting for Redis. */
  close(force?: boolean): Promise<unknown>
}

/**
 * Closes what uses a connection, and then the connection. Without Redis nothing is waited for: it may never come back. None
 * of it keeps the process running afterwards.
 */
export async function closeAll(connection: Redis, users: readonly Closable[]): Promise<void> {
  const isThere = connection.status === 'ready'
  if (!isThere) connection.disconnect()
  const closing = Promise.allSettled(users.map((user) => user.close(!isThere)))
  if (!isThere) return
  for (const outcome of await closing) if (outcome.status === 'rejected') throw outcome.reason
  connection.disconnect()
}

/** The part of an address that may be shown. */
function unusable({ host }: URL, cause: Error): BackupError {
  if (/^(WRONGPASS|NOAUTH|NOPERM)/.test(cause.message))
    return new BackupError('permission_denied', `The queue at ${host} refuses the user or the password`, {
      operation: 'connect',
      suggestion: 'Check the user and the password in the address, and what the ACL of Redis allows.',
      cause,
    })
  const code: unknown = Reflect.get(cause, 'code')
  const why = typeof code === 'string' ? code : cause.message
  return new BackupError('unavailable', `Cannot reach the queue at ${host} (${why})`, {
    operation: 'connect',
    suggestion: 'Check the address, and that Redis is running. The connection is tried again until it works.',
    cause,
  })
}

/** The address may hold a password, so it is not shown. */
function notRedis(): BackupError {
  return new BackupError('invalid_options', 'The address of the queue is not a Redis address', {
    operation: 'connect',
    suggestion: 'Give redis://host:6379 or, with TLS, rediss://user:password@host:6379.',
  })
}
