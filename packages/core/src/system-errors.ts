import { constants } from 'node:os'
import type { ErrorCode, Operation } from './error-table.js'
import { BackupError } from './errors.js'

/** What an error of the operating system means. */
export interface SystemCause {
  readonly code: ErrorCode
  /** What happened, and what to do about it. */
  readonly says: string
}

const full: SystemCause = {
  code: 'no_space',
  says: 'the disk is full. Free some space, or choose another path',
}
const refused: SystemCause = {
  code: 'permission_denied',
  says: 'access denied. Give this user permission, or choose another path',
}
const busy: SystemCause = { code: 'unavailable', says: 'the file system failed or is busy. Try again' }
const tooManyOpen: SystemCause = {
  code: 'unavailable',
  says: 'too many files are open. Close some, or raise the limit (ulimit -n)',
}
const inTheWay: SystemCause = {
  code: 'conflict',
  says: 'something else is in the way. Move it, or choose another path',
}

/** The errors of the operating system (errno, POSIX.1-2017) by cause. What is not listed is `internal`. */
const causes: Readonly<Record<string, SystemCause>> = {
  ENOSPC: full,
  EDQUOT: { code: 'no_space', says: 'the quota is used up. Free some space, or raise the quota' },
  EFBIG: { code: 'no_space', says: 'the file is too large for this file system. Choose another one' },
  EACCES: refused,
  EPERM: refused,
  EROFS: { code: 'permission_denied', says: 'the file system is read-only. Mount it writable' },
  ELOOP: { code: 'permission_denied', says: 'a symbolic link is in the way. Remove it' },
  ENOENT: { code: 'not_found', says: 'there is no such file' },
  ENOTDIR: inTheWay,
  EEXIST: inTheWay,
  EISDIR: inTheWay,
  EMFILE: tooManyOpen,
  ENFILE: tooManyOpen,
  EIO: { code: 'unavailable', says: 'the device failed to read or write. Check the disk' },
  ETIMEDOUT: busy,
  EBUSY: busy,
  EAGAIN: busy,
  ESTALE: {
    code: 'unavailable',
    says: 'the network share was replaced or remounted in the meantime. Try again; if it fails again, remount the share',
  },
  ENOTCONN: busy,
  EHOSTDOWN: busy,
  EHOSTUNREACH: busy,
  ENETUNREACH: busy,
  ENAMETOOLONG: {
    code: 'invalid_options',
    says: 'the name is too long for this file system. Choose a shorter path',
  },
}

/** What failed, as the error of it says. */
export interface SystemFailure {
  /** `Cannot write /a/b` */
  readonly what: string
  readonly path: string
  readonly suggestion?: string | undefined
  readonly operation: Operation
}

/** An error of the operating system as one of ours, named by cause. Any other error is returned unchanged. */
export function systemError(
  error: unknown,
  { what, path, suggestion, operation }: SystemFailure,
  more: Readonly<Record<string, SystemCause>> = {},
): unknown {
  const found = systemCause(error)
  if (found === undefined) return error
  const { errno } = found
  const { code, says } = more[errno] ?? found
  return new BackupError(code, `${what}: ${says} (${errno})`, {
    operation,
    suggestion,
    metadata: { path, errno },
    cause: error,
  })
}

/** The cause of an error of the operating system; `undefined` for any other error. */
export function systemCause(error: unknown): (SystemCause & { readonly errno: string }) | undefined {
  const errno = errnoOf(error)
  if (errno === undefined || !(error instanceof Error)) return undefined
  return { ...(causes[errno] ?? { code: 'internal', says: error.message }), errno }
}

/** The name of an operating system error; Node knows some by their number only: `Unknown system error -122`. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined
  if (typeof error.code !== 'string') return undefined
  if (!error.code.startsWith('Unknown system error') || !('errno' in error)) return error.code
  return names.get(Math.abs(Number(error.errno))) ?? error.code
}

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
)
