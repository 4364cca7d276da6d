import { isBackupError } from '@s3db-backup/core'

/** Causes that another attempt, later or elsewhere, may not meet. */
const passing = new Set(['unavailable', 'no_space', 'internal'])

/**
 * Whether an engine should run a shard or a commit again that has failed so. What is not ours, such as a process that was
 * killed or has no memory left, may pass; a wrong key, a wrong option or a forged receipt does not.
 */
export function isWorthRetrying(error: unknown): boolean {
  // The backup exists, and another commit would not make its unreadable records readable.
  if (isBackupError(error, 'incomplete')) return false
  return !isBackupError(error) || error.retriable || passing.has(error.code)
}
