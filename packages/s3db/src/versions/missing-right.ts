import { isBackupError } from '@s3db-backup/core'

/** A refusal with the right that is missing, by the name that Amazon S3 has for it. */
export function namingRight(error: unknown, right: string): unknown {
  if (!isBackupError(error, 'permission_denied')) return error
  return error.with({ suggestion: `Allow ${right} for the credentials that read the database.` })
}
