import { type BackupError, type Driver, type GetCall, isBackupError } from '@s3db-backup/core'

/**
 * Whether a `conflict` means something other than an object of that key: a file where a directory should be. That is a
 * failure of the storage like any other; an existing object may be another's claim. In doubt it counts as a claim.
 */
export async function isSomethingElse(
  driver: Driver,
  { code, metadata }: BackupError,
  call: GetCall,
): Promise<boolean> {
  if (code !== 'conflict' || typeof metadata.key !== 'string') return false
  try {
    for await (const _ of driver.get(metadata.key, call)) return false
    return false
  } catch (error) {
    call.signal.throwIfAborted()
    return isBackupError(error, 'not_found')
  }
}
