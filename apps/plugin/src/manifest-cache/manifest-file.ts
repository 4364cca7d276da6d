import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { isPrivate } from './cache-folder.js'

/** Somebody else chooses the target of a link, so links are not followed. Windows has no such flag. */
const noLinks = constants.O_NOFOLLOW ?? 0

/** The content of a file, and when it was last marked as used. */
export interface PrivateFile {
  readonly bytes: Uint8Array
  /** In ms since 1970. */
  readonly used: number
}

/** A file of exactly this size that only this user can have written; else nothing. */
export async function readPrivate(path: string, size: number): Promise<PrivateFile | undefined> {
  const file = await open(path, constants.O_RDONLY | noLinks)
  try {
    const stats = await file.stat()
    if (!stats.isFile() || !isPrivate(stats) || stats.size !== size) return undefined
    return { bytes: await file.readFile(), used: stats.mtimeMs }
  } finally {
    await file.close()
  }
}

/** Writes a file that only this user may read. Others see all of it or nothing. */
export async function writePrivate(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
