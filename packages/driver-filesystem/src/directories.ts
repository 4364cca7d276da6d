import { chmod, mkdir, open, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Operation } from '@s3db-backup/core'
import { isErrno, problem, touching } from './errors.js'
import { directoriesBetween, kindAt, type Place, refuseLink, waysDown } from './place.js'
import type { Support } from './support.js'

const operation: Operation = 'upload'

/**
 * Makes a directory and what is missing above it. Each one made is handed to `onMade` at once, outermost first, and
 * its name is durable when this resolves.
 */
export async function makeDirectories(
  place: Place,
  directory: string,
  onMade: (path: string) => void,
): Promise<void> {
  for (const step of waysDown(directory)) {
    if (await isUsable(place, step)) continue
    await touching({ path: step, operation }, async () => {
      if (!(await made(step))) return
      onMade(step)
      // The umask reduces the mode that mkdir sets.
      await setPermissions(place, step)
      await arrive(place, step)
    })
    // Another process may have created it first, and not as a directory.
    await isUsable(place, step)
  }
}

async function setPermissions({ directoryPermissions, support }: Place, path: string): Promise<void> {
  await chmod(path, directoryPermissions).catch((error: unknown) =>
    support.refused('permissions', error, path),
  )
}

async function arrive({ arriving, support }: Place, path: string): Promise<void> {
  const durable = syncDirectory(support, dirname(path), operation)
  arriving.set(path, durable)
  try {
    await durable
  } finally {
    arriving.delete(path)
  }
}

/** Waits until the directories that lead to a file are durable too, where another put of this driver made them. */
export async function arrivedAbove({ arriving }: Place, file: string): Promise<void> {
  for (const directory of waysDown(dirname(file))) await arriving.get(directory)
}

async function isUsable({ root }: Place, path: string): Promise<boolean> {
  const kind = await kindAt(root, path, operation)
  if (kind === 'link') throw refuseLink(path, operation)
  if (kind === 'file' || kind === 'other') throw inTheWay(path)
  return kind === 'directory'
}

async function made(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 })
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  }
}

function inTheWay(path: string): Error {
  return problem('conflict', `${path} is a file, not a directory. Move it, or choose another path`, {
    path,
    operation,
  })
}

/**
 * Makes the names in a directory survive a power failure (fsync(2): "Calling fsync() does not necessarily ensure
 * that the entry in the directory containing the file has also reached disk"). Some file systems refuse to do this for
 * a directory, and Windows does; there it is left to them.
 */
export async function syncDirectory(support: Support, path: string, during: Operation): Promise<void> {
  if (process.platform === 'win32' || !support.has('directory sync')) return
  await touching({ path, operation: during }, async () => {
    try {
      const handle = await open(path, 'r')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    } catch (error) {
      support.refused('directory sync', error, path)
    }
  })
}

/** Removes the directories that lead to a file, innermost first, as far as they are empty. The root stays. */
export async function removeEmptyAbove(root: string, file: string): Promise<void> {
  for (const directory of directoriesBetween(root, file).reverse()) {
    if (!(await removeIfEmpty(directory))) return
  }
}

/** Whether the directory is gone. One that cannot be removed does no harm, so nothing is thrown. */
export async function removeIfEmpty(directory: string): Promise<boolean> {
  try {
    await rmdir(directory)
    return true
  } catch (error) {
    return isErrno(error, 'ENOENT')
  }
}
