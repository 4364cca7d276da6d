import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { BackupError, isBackupError } from '@s3db-backup/core'
import type { Attempt } from './connection/attempt.js'
import type { Connection } from './connection/connection.js'

/** Name of the object metadata (`x-amz-meta-…`) that says which `put` made the object. */
export const nonceName = 's3db-put'

/** Whether the object under the key was made by this attempt; false where there is none. */
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
 * Asks for the object that was just completed: its answer may have been empty, or an error. Who may write and
 * not read gets no answer here; core's own check of what was stored is then left out as well.
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
