import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { BackupError } from '@s3db-backup/core'

/**
 * Writes a file so that it is there whole or not at all, replacing the one that was there.
 *
 * @throws BackupError `permission_denied`, `no_space` or `invalid_options`, by cause.
 */
export async function writeWhole(path: string, content: string): Promise<void> {
  const unfinished = `${path}.${randomUUID()}.tmp`
  try {
    const file = await open(unfinished, 'wx')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } catch (cause) {
    await rm(unfinished, { force: true })
    throw cannotWrite(path, cause)
  }
}

/** What a file system said about a file that was to be written. */
export function cannotWrite(path: string, cause: unknown): BackupError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  const kind =
    code === 'EACCES' || code === 'EPERM'
      ? 'permission_denied'
      : code === 'ENOSPC'
        ? 'no_space'
        : 'invalid_options'
  return new BackupError(kind, `${path} could not be written (${code})`, { cause })
}
