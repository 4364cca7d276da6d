import { BackupError, type Call, isBackupError } from '@s3db-backup/core'
import { innermostOf, reasonOf } from './client-reason.js'

/** Whether a client's error says that there is no such object. */
export function isMissing(error: unknown): boolean {
  const { name, code, statusCode } = fieldsOf(error)
  if (name === 'NoSuchBucket' || code === 'NoSuchBucket') return false
  return name === 'NoSuchKey' || code === 'NoSuchKey' || code === 'NotFound' || statusCode === 404
}

/**
 * Whether the storage itself says that the key does not exist. A bare 404 may come from anything on the way, from a
 * proxy or from a wrong address.
 */
export function saysNoSuchKey(error: unknown): boolean {
  const { name, code } = fieldsOf(innermostOf(error))
  return name === 'NoSuchKey' || code === 'NoSuchKey'
}

/** Whether a client's error says that the condition of a write does not hold. */
export function isConditionFailed(error: unknown): boolean {
  const { code, statusCode } = fieldsOf(error)
  return statusCode === 412 || code === 'PreconditionFailed' || code === 'PRECONDITION_FAILED'
}

/** Whether a client's error says that another write to the same key was under way: neither has lost yet. */
export function isConflict(error: unknown): boolean {
  const { code, statusCode } = fieldsOf(error)
  return statusCode === 409 || code === 'ConditionalRequestConflict'
}

/** Whether a client's error may say that the server takes no conditions: each has its own way. */
export function isConditionRefused(error: unknown): boolean {
  const { code, statusCode = 0 } = fieldsOf(error)
  // s3db.js turns 400 into 422.
  return [400, 405, 422, 501].includes(statusCode) || code === 'NotImplemented'
}

/** Whether an error is an answer to the request itself, which would be the same another time. */
export function willFailAgain(error: unknown): boolean {
  const { statusCode = 0 } = fieldsOf(error)
  return statusCode >= 400 && statusCode < 500 && statusCode !== 408 && statusCode !== 429
}

/** Errors that speak of the storage as a whole, not of one object: going on would only repeat them. */
const storageCodes =
  /^(ECONN|ERR_STREAM_PREMATURE_CLOSE|ENOTFOUND|EAI_|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|TimeoutError|RequestTimeout|SlowDown|ServiceUnavailable|InternalError|EMFILE|ENFILE|ESTALE|NoSuchBucket|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|RequestTimeTooSkewed)/

/** A disk, a quota or a bucket that is full, in the words of the operating system and of S3 servers. */
const fullCodes =
  /^(ENOSPC|EDQUOT|XMinio(AdminBucketQuotaExceeded|StorageFull)|InsufficientStorage|(Storage)?QuotaExceeded|StorageFull)$/

/**
 * A client's error as one of ours: `no_space`, `permission_denied`, `invalid_options` or `unavailable` for the storage as
 * a whole or the way to it, else `internal`.
 */
export function clientError(error: unknown, call: Call, what: string): unknown {
  if (call.signal.aborted) return call.signal.reason
  if (isBackupError(error)) return error
  const { name, code, statusCode } = fieldsOf(error)
  const { why, code: kindOfWay, suggestion } = reasonOf(error)
  // s3db.js calls a full disk ServiceUnavailable; what the system said is inside.
  const said = [code, name, ...codesWithin(error)]
  const full = said.some((one) => fullCodes.test(one)) || statusCode === 507
  const readOnly = said.includes('EROFS')
  const failed =
    kindOfWay !== undefined || storageCodes.test(code) || storageCodes.test(name) || statusCode === 503
  const denied = readOnly || statusCode === 403 || code === 'EACCES' || code === 'EPERM'
  const kind = full
    ? 'no_space'
    : (kindOfWay ?? (denied ? 'permission_denied' : failed ? 'unavailable' : 'internal'))
  const wholeStorage = full || readOnly || failed
  return new BackupError(kind, `Cannot ${what} of the database: ${why}`, {
    cause: error,
    suggestion,
    metadata: { wholeStorage },
  })
}

/** The codes of the errors that an error of s3db.js was made of. */
function codesWithin(error: unknown): string[] {
  const codes: string[] = []
  for (let inner = error; inner instanceof Error; inner = Reflect.get(inner, 'original')) {
    const code: unknown = Reflect.get(inner, 'code')
    if (typeof code === 'string') codes.push(code)
  }
  return codes
}

/** The error code that a client, or a library below it, uses. */
export function errorCode(error: unknown): string {
  const { code, name, message } = fieldsOf(error)
  return code || name || message
}

interface ErrorFields {
  readonly name: string
  readonly code: string
  readonly statusCode: number | undefined
  readonly message: string
}

function fieldsOf(error: unknown): ErrorFields {
  if (!(error instanceof Error)) return { name: '', code: '', statusCode: undefined, message: String(error) }
  const original: unknown = Reflect.get(error, 'original')
  const inner = original instanceof Error ? fieldsOf(original) : undefined
  const code: unknown = Reflect.get(error, 'code') ?? Reflect.get(error, 'Code')
  const status: unknown =
    Reflect.get(error, 'statusCode') ?? Reflect.get(Reflect.get(error, '$metadata') ?? {}, 'httpStatusCode')
  return {
    name: inner === undefined ? error.name : inner.name,
    code: typeof code === 'string' ? code : (inner?.code ?? ''),
    statusCode: typeof status === 'number' ? status : inner?.statusCode,
    message: error.message,
  }
}
