import { isBackupError } from '@s3db-backup/core'

/** Causes that another attempt, later or elsewhere, may not meet. */
const passing = new Set(['unavailable', 'no_space', 'internal'])

/**
 * Whether an engine should run a failed shard or commit again. A failure outside this program, such as a killed process
 * or a lack of memory, may pass; a wrong key, a wrong option or a forged receipt does not.
 */
export function isWorthRetrying(error: unknown): boolean {
  // The backup exists, and another commit would not make its unreadable records readable.
  if (isBackupError(error, 'incomplete')) return false
  return !isBackupError(error) || error.retriable || passing.has(error.code)
}
