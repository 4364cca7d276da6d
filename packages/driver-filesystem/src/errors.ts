import { BackupError, type ErrorCode, type Operation } from '@s3db-backup/core'
import { errnoOf, systemCause } from '@s3db-backup/core/internal'

/** Which file was touched, and for what. */
export interface Touched {
  readonly path: string
  readonly operation: Operation
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
  const found = systemCause(error)
  if (found === undefined) return error
  const call = error instanceof Error && 'syscall' in error ? String(error.syscall) : ''
  const { errno, code, says } =
    call === 'mkdir' && found.errno === 'ENOENT' ? { ...found, ...noFolders } : found
  const during = calls[call]
  return problem(code, `${says} (${during === undefined ? errno : `${errno}, ${during}`})`, touched, error)
}

/** Folders are made from the outermost on, so what is above this one exists. */
const noFolders = {
  code: 'invalid_options',
  says: 'no folder can be made there. Choose another path',
} as const

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
