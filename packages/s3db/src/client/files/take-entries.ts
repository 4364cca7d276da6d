import { type Dir, type Dirent, lstatSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { errnoOf } from '@s3db-backup/core/internal'

interface Taking {
  readonly most: number
  /**
   * Goes on past an entry that was deleted before the system had said what it is. Only where one is read at a time: Node
   * throws away all that it read together with it.
   */
  readonly skipsVanished: boolean
}

/** The next entries of a folder that is open; none at its end. */
export function takeAtOnce(folder: Dir, { most, skipsVanished }: Taking): Dirent[] {
  const found: Dirent[] = []
  while (found.length < most) {
    try {
      const entry = folder.readSync()
      if (entry === null) break
      found.push(entry)
    } catch (error) {
      if (!skipsVanished || errnoOf(error) !== 'ENOENT') throw error
      if (lstatSync(folder.path, { throwIfNoEntry: false }) === undefined) break
    }
  }
  return found
}

/** The same, without holding up anything else. */
export async function take(folder: Dir, { most, skipsVanished }: Taking): Promise<Dirent[]> {
  const found: Dirent[] = []
  while (found.length < most) {
    try {
      const entry = await folder.read()
      if (entry === null) break
      found.push(entry)
    } catch (error) {
      if (!skipsVanished || errnoOf(error) !== 'ENOENT') throw error
      if (await isGone(folder.path)) break
    }
  }
  return found
}

function isGone(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: unknown) => errnoOf(error) === 'ENOENT',
  )
}
