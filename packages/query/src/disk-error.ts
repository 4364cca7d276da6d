import { BackupError, type ErrorCode } from '@s3db-backup/core'

/** What the operating system's errors mean (errno, POSIX.1-2017). What is not listed is `unavailable`. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'no_space',
  EDQUOT: 'no_space',
  EFBIG: 'no_space',
  EACCES: 'permission_denied',
  EPERM: 'permission_denied',
  EROFS: 'permission_denied',
  EEXIST: 'invalid_options',
  EISDIR: 'invalid_options',
  ENAMETOOLONG: 'invalid_options',
  ENOENT: 'invalid_options',
  ENOTDIR: 'invalid_options',
}

/**
 * Does work that writes files, most of them below a folder. An error of the operating system is thrown as one of ours,
 * with the file's path, or the folder's where the system does not name a file; all others as they are.
 */
export async function onDisk<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw diskError(folder, error)
  }
}

export function diskError(folder: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error
  const [dest, path]: unknown[] = [Reflect.get(error, 'dest'), Reflect.get(error, 'path')]
  const place = typeof dest === 'string' ? dest : typeof path === 'string' ? path : folder
  const code = String(error.code)
  return new BackupError(codes[code] ?? 'unavailable', `Cannot write ${place} (${code})`, {
    operation: 'download',
    metadata: { path: place },
    cause: error,
  })
}
