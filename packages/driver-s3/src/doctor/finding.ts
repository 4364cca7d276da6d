import { isBackupError } from '@s3db-backup/core'
import type { Finding } from '@s3db-backup/core/internal'

/** What was checked. */
export type Check =
  | 'access'
  | 'clock'
  | 'write'
  | 'read'
  | 'multipart'
  | 'write-once'
  | 'checksums'
  | 'listing'
  | 'listing-order'
  | 'delete'
  | 'versioning'
  | 'object-lock'

export function ok(check: Check, message: string): Finding {
  return { check, level: 'ok', message }
}

export function note(check: Check, message: string, suggestion: string): Finding {
  return { check, level: 'note', message, suggestion }
}

export function problem(check: Check, message: string, suggestion: string): Finding {
  return { check, level: 'problem', message, suggestion }
}

/** Does the check; what it fails with becomes its finding. */
export async function found(
  check: Check,
  signal: AbortSignal,
  look: () => Promise<Finding>,
): Promise<Finding> {
  try {
    return await look()
  } catch (error) {
    signal.throwIfAborted()
    if (!isBackupError(error)) throw error
    return { ...problem(check, error.message, error.suggestion), error }
  }
}
