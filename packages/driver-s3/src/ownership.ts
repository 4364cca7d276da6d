import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { BackupError, isBackupError } from '@s3db-backup/core'
import type { Attempt } from './connection/attempt.js'
import type { Connection } from './connection/connection.js'

/** Name of the object metadata (`x-amz-meta-…`) that says which `put` made the object. */
export const nonceName = 's3db-put'

/** Whether this attempt made the object under the key; `false` if there is none. */
export async function isOurs(
  connection: Connection,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { Metadata } = await connection.send(new HeadObjectCommand(connection.object(attempt.key)), signal)
    return Metadata?.[nonceName] === attempt.nonce
  } catch (error) {
    if (isBackupError(error, 'not_found')) return false
    throw error
  }
}

/**
 * Requests the object that was just completed, because its answer may have been empty, or an error. A user who may
 * write but not read gets no answer here; then core's own check of what was stored is also skipped.
 */
export async function checkStored(connection: Connection, attempt: Attempt): Promise<void> {
  const head = new HeadObjectCommand(connection.object(attempt.key))
  const stored = await connection.send(head, attempt.signal).catch((error: unknown) => {
    if (isBackupError(error, 'permission_denied')) return undefined
    throw error
  })
  if (stored === undefined || stored.ContentLength === attempt.bytes) return
  throw new BackupError(
    'corrupt',
    `${attempt.key}: ${attempt.bytes} bytes were sent, ${stored.ContentLength} are stored`,
    {
      driver: 's3',
      metadata: { key: attempt.key },
    },
  )
}
