import { systemError } from '@s3db-backup/core/internal'

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
  if (!(error instanceof Error)) return error
  const [dest, named]: unknown[] = [Reflect.get(error, 'dest'), Reflect.get(error, 'path')]
  const path = typeof dest === 'string' ? dest : typeof named === 'string' ? named : folder
  return cannotWrite(path, error)
}

/** The error of a file that could not be written; what is no error of the operating system is returned unchanged. */
export function cannotWrite(path: string, cause: unknown): unknown {
  return systemError(cause, { what: `Cannot write ${path}`, path, operation: 'download' })
}
