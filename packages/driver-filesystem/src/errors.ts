import { constants } from 'node:os'
import { BackupError, type ErrorCode, type Operation } from '@s3db-backup/core'

/** Which file was touched, and for what. */
export interface Touched {
  readonly path: string
  readonly operation: Operation
}

interface Cause {
  readonly code: ErrorCode
  /** What happened, and what to do about it. */
  readonly says: string
}

const full: Cause = { code: 'no_space', says: 'the disk is full. Free some space, or choose another path' }
const refused: Cause = {
  code: 'permission_denied',
  says: 'access denied. Give this user permission, or choose another path',
}
const busy: Cause = { code: 'unavailable', says: 'the file system failed or is busy. Try again' }
const tooManyOpen: Cause = {
  code: 'unavailable',
  says: 'too many files are open. Close some, or raise the limit (ulimit -n)',
}
const inTheWay: Cause = {
  code: 'conflict',
  says: 'something else is in the way. Move it, or choose another path',
}

/** The errors of the operating system (errno, POSIX.1-2017) by cause. What is not listed is `internal`. */
const causes: Readonly<Record<string, Cause>> = {
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

/** Calls to the system, in words, where the operation itself does not say it already. */
const calls: Readonly<Record<string, string>> = {
  fsync: 'while making its bytes durable',
  fdatasync: 'while making its bytes durable',
  link: 'while giving it its name',
  rename: 'while giving it its name',
  chmod: 'while setting its permissions',
  fchmod: 'while setting its permissions',
  mkdir: 'while making the folder',
  close: 'while closing it',
  lstat: 'while looking for existing files',
  stat: 'while looking for existing files',
}

const verbs: Partial<Record<Operation, string>> = {
  upload: 'write',
  download: 'read',
  list: 'list',
  delete: 'delete',
}

/** Awaits a call to the file system; what it throws becomes a `BackupError` that names path, cause and remedy. */
export async function touching<T>(touched: Touched, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw fileError(error, touched)
  }
}

/** Names the cause of an operating system error. Any other error is returned unchanged. */
export function fileError(error: unknown, touched: Touched): unknown {
  const errno = errnoOf(error)
  if (errno === undefined || !(error instanceof Error)) return error
  const cause = causes[errno] ?? { code: 'internal', says: error.message }
  const during = 'syscall' in error ? calls[String(error.syscall)] : undefined
  return problem(
    cause.code,
    `${cause.says} (${during === undefined ? errno : `${errno}, ${during}`})`,
    touched,
    error,
  )
}

/** An error of this driver's own finding, in the words of all others. */
export function problem(
  code: ErrorCode,
  says: string,
  { path, operation }: Touched,
  cause?: unknown,
): BackupError {
  return new BackupError(code, `Cannot ${verbs[operation] ?? 'remove'} ${path}: ${says}`, {
    operation,
    driver: 'filesystem',
    metadata: { path },
    cause,
  })
}

/** Tells an operating system error of one of the given kinds. */
export function isErrno(error: unknown, ...wanted: readonly string[]): boolean {
  const errno = errnoOf(error)
  return errno !== undefined && wanted.includes(errno)
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
