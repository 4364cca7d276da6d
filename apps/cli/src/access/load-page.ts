import { BackupError } from '@s3db-backup/core'
import type * as page from '@s3db-backup/ui'

/**
 * Loads the page, which is installed apart: whoever works on a terminal does without it.
 *
 * @throws BackupError `unsupported` if it is not there.
 */
export async function loadPage(): Promise<typeof page> {
  try {
    return await import('@s3db-backup/ui')
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    throw new BackupError('unsupported', 'The page (@s3db-backup/ui) is not installed', {
      operation: 'validateConfig',
      suggestion: 'Install it beside this command: npm install @s3db-backup/ui',
      cause,
    })
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /MODULE_NOT_FOUND$/.test(String(error.code))
}
