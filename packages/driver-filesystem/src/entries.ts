import type { Dir, Dirent } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import type { Operation } from '@s3db-backup/core'
import { fileError, isErrno } from './errors.js'

/** How many entries are read at once. */
const together = 256

/**
 * The entries of a directory, each once; none, or no more, once it has vanished.
 *
 * Some file systems do not say in a directory whether an entry is a file. Node then looks at each one, and throws away
 * all that it read together with an entry that was deleted in between. So what was read before that is known by name, and
 * the directory is read anew, one entry at a time.
 */
export async function* entriesOf(directory: string, operation: Operation): AsyncGenerator<Dirent> {
  const known = new Set<string>()
  try {
    for await (const entry of opened(directory, together)) {
      known.add(entry.name)
      yield entry
    }
    return
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw fileError(error, { path: directory, operation })
  }
  try {
    for await (const entry of opened(directory, 1)) if (!known.has(entry.name)) yield entry
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw fileError(error, { path: directory, operation })
  }
}

async function* opened(directory: string, bufferSize: number): AsyncGenerator<Dirent> {
  const folder = await opendir(directory, { bufferSize })
  try {
    for (;;) {
      const entry = await nextOf(folder, bufferSize)
      if (entry === null) return
      if (entry !== 'vanished') yield entry
    }
  } finally {
    await folder.close()
  }
}

async function nextOf(folder: Dir, bufferSize: number): Promise<Dirent | null | 'vanished'> {
  try {
    return await folder.read()
  } catch (error) {
    if (bufferSize > 1 || !isErrno(error, 'ENOENT')) throw error
    // Where the directory itself is gone, this throws.
    await lstat(folder.path)
    return 'vanished'
  }
}
