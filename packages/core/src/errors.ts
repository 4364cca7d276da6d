import { type ErrorCode, errorTable, type Operation, operationTable } from './error-table.js'

/** Everything about a {@link BackupError} but its code and message. */
export interface BackupErrorDetails {
  readonly operation?: Operation | undefined
  /** The name of the driver that failed. */
  readonly driver?: string | undefined
  /** Advice for the reader. Default: that of the error table. */
  readonly suggestion?: string | undefined
  /** Where the documentation says more about a failure than the tables do: its sentence, status and retriability. */
  readonly description?: string | undefined
  readonly statusCode?: number | undefined
  readonly retriable?: boolean | undefined
  /** Facts for logs: ids, keys, counts. Never a secret. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly cause?: unknown
}

/**
 * The one error of this project. Match on `code`: it is stable, messages are not. Two copies of this package
 * in one program do not matter if {@link isBackupError} is asked instead of `instanceof`.
 *
 * @example
 * ```ts
 * import { BackupError } from '@s3db-backup/core'
 *
 * const error = new BackupError('not_found', "Backup 'x' not found", { operation: 'restore' })
 * console.log(error.code, error.statusCode, error.retriable, error.suggestion)
 * ```
 */
export class BackupError extends Error {
  override readonly name = 'BackupError'
  readonly code: ErrorCode
  /** The operation: `backup`, `upload`, `restore`, `verify`, ... */
  readonly operation: Operation
  readonly driver: string | undefined
  /** One general sentence about the operation that failed. */
  readonly description: string
  /** HTTP status for an API to answer with. */
  readonly statusCode: number
  /** Whether the same call may succeed later without a change. */
  readonly retriable: boolean
  readonly suggestion: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly #details: BackupErrorDetails

  constructor(code: ErrorCode, message: string, details: BackupErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    const operation = details.operation ?? 'backup'
    const table = tableEntry(code, operation)
    this.#details = details
    this.code = code
    this.operation = operation
    this.driver = details.driver
    this.description = details.description ?? operationTable[operation].description
    this.statusCode = details.statusCode ?? table.statusCode
    this.retriable = details.retriable ?? table.retriable
    this.suggestion = details.suggestion ?? table.suggestion
    this.metadata = details.metadata ?? {}
  }

  /** The same error with what its thrower did not know. `metadata` is added to what is there. */
  with(more: BackupErrorDetails): BackupError {
    return rebuild(this, {
      ...this.#details,
      cause: this.cause,
      ...more,
      metadata: { ...this.metadata, ...more.metadata },
    })
  }

  /** All fields, for `JSON.stringify` and structured logs. */
  toJSON(): Record<string, unknown> {
    const cause = this.cause instanceof Error ? this.cause.message : this.cause
    // An error's own message and cause are not enumerable; everything else here is.
    return { ...Object.fromEntries(Object.entries(this)), message: this.message, cause }
  }
}

/** Outside the class, because bundlers rename a class that names itself, and the name is what people see. */
function rebuild(original: BackupError, details: BackupErrorDetails): BackupError {
  const error = new BackupError(original.code, original.message, details)
  if (original.stack !== undefined) error.stack = original.stack
  return error
}

/** Sets the operation of one of our errors. Any other error is returned unchanged. */
export function during(operation: Operation, error: unknown): unknown {
  return isBackupError(error) && error.operation !== operation ? error.with({ operation }) : error
}

/** Causes that lie in the storage. Only for these does the status that an operation is documented with hold. */
const storageCauses: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'permission_denied',
  'unavailable',
  'no_space',
  'not_found',
  'conflict',
  'internal',
])

function tableEntry(code: ErrorCode, operation: Operation) {
  return storageCauses.has(code) ? { ...errorTable[code], ...operationTable[operation] } : errorTable[code]
}

/** Tells a {@link BackupError}, of a given code if one is given, also one made by another copy of this package. */
export function isBackupError(error: unknown, code?: ErrorCode): error is BackupError {
  if (!(error instanceof Error) || error.name !== 'BackupError' || !('code' in error)) return false
  if (code !== undefined) return error.code === code
  return typeof error.code === 'string' && isErrorCode(error.code)
}

/** Tells a code that this version knows. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorTable, text)
}
