/** The stable name of a cause. It never changes meaning; messages may. */
export type ErrorCode =
  | 'invalid_options'
  | 'unsupported'
  | 'not_found'
  | 'permission_denied'
  | 'unavailable'
  | 'no_space'
  | 'corrupt'
  | 'undecryptable'
  | 'incompatible_format'
  | 'broken_chain'
  | 'conflict'
  | 'incomplete'
  | 'internal'

/** The operation during which an error happened. */
export type Operation =
  | 'validateConfig'
  | 'backup'
  | 'upload'
  | 'download'
  | 'list'
  | 'status'
  | 'restore'
  | 'open'
  | 'verify'
  | 'delete'
  | 'cleanup'
  | 'connect'
  | 'output'

/** The meaning of a cause, and what {@link BackupError} reports for it. */
interface ErrorEntry {
  readonly statusCode: number
  readonly retriable: boolean
  readonly meaning: string
  readonly suggestion: string
}

/**
 * The errors, by cause. This table is the only source of {@link BackupError}'s fields and of the error page in the
 * documentation.
 *
 * `statusCode` is the HTTP status an API may answer with, `retriable` says whether the same call may succeed
 * later without a change.
 */
export const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = {
  invalid_options: {
    statusCode: 400,
    retriable: false,
    meaning: 'An option, a configuration or an id is not valid.',
    suggestion: 'Correct the options that the message names, then try again.',
  },
  unsupported: {
    statusCode: 501,
    retriable: false,
    meaning: 'This runtime, driver or source cannot do what was asked.',
    suggestion: 'Choose another option, or a driver or runtime that supports this one.',
  },
  not_found: {
    statusCode: 404,
    retriable: false,
    meaning: 'No such backup, resource or object.',
    suggestion: 'List the backups and check the id.',
  },
  permission_denied: {
    statusCode: 403,
    retriable: false,
    meaning: 'The storage refused access.',
    suggestion: 'Check the permissions or the credentials, then try again.',
  },
  unavailable: {
    statusCode: 503,
    retriable: true,
    meaning: 'The storage or the network failed, or gave no usable answer.',
    suggestion: 'Check the connection to the storage, then try again.',
  },
  no_space: {
    statusCode: 507,
    retriable: false,
    meaning: 'The disk or the quota is full.',
    suggestion: 'Free some space or raise the quota, then try again.',
  },
  corrupt: {
    statusCode: 422,
    retriable: false,
    meaning: 'Stored bytes differ from what was written.',
    suggestion: 'Restore another backup; `verify` says which parts are damaged.',
  },
  undecryptable: {
    statusCode: 422,
    retriable: false,
    meaning: 'The backup is encrypted and the key is missing or wrong.',
    suggestion: 'Give the key that the backup was made with.',
  },
  incompatible_format: {
    statusCode: 409,
    retriable: false,
    meaning: 'The backup was written in a newer format.',
    suggestion: 'Update s3db-backup to the version that wrote it, or a later one.',
  },
  broken_chain: {
    statusCode: 409,
    retriable: false,
    meaning: 'An incremental backup lacks an ancestor.',
    suggestion: 'Restore the missing ancestor, or restore a backup that does not need it.',
  },
  conflict: {
    statusCode: 409,
    retriable: false,
    meaning: 'Something that already exists is in the way.',
    suggestion: 'Choose another target or name, or add the option that the message names.',
  },
  incomplete: {
    statusCode: 502,
    retriable: true,
    meaning: 'Part of the work failed; the rest is done.',
    suggestion: 'Read `metadata` for what is missing, fix the cause and run it again.',
  },
  internal: {
    statusCode: 500,
    retriable: false,
    meaning: 'An unexpected failure.',
    suggestion: 'Read `cause`, and report it if it looks like a defect.',
  },
}

/**
 * The operations, as the documentation names them. If the documentation promises a status for the failure of an
 * operation, it is listed here and overrides the status of the cause.
 */
export const operationTable: Readonly<Record<Operation, OperationEntry>> = {
  validateConfig: { description: 'Invalid backup driver configuration' },
  backup: { description: 'Failed to create the backup' },
  upload: {
    description: 'Failed to upload backup file',
    statusCode: 502,
    retriable: true,
    suggestion: 'Check disk space/permissions or network connectivity, then retry the upload.',
  },
  download: { description: 'Failed to read a backup file' },
  list: { description: 'Failed to list backups' },
  status: { description: 'Failed to read the status of a backup' },
  restore: { description: 'Failed to restore from backup' },
  open: { description: 'Failed to read from the backup' },
  verify: { description: 'Backup verification failed' },
  delete: { description: 'Failed to delete backup' },
  cleanup: { description: 'Failed to apply the retention policy' },
  connect: { description: 'The database is not connected' },
  output: { description: 'Failed to write the output' },
}

interface OperationEntry {
  readonly description: string
  readonly statusCode?: number
  readonly retriable?: boolean
  readonly suggestion?: string
}
