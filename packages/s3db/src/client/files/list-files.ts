import type { Stats } from 'node:fs'
import { sep } from 'node:path'
import type { Call } from '@s3db-backup/core'
import { isIn, type KeyRange } from '../../listing/key-range.js'
import { clientError } from '../client-errors.js'
import { checkThere } from './check-folder.js'
import type { Disk } from './disk.js'
import { metadataSuffix } from './file-database.js'
import { type Folders, type Inside, objectNames } from './folder-names.js'
import { type Folder, innerFolders, outermost } from './inner-folders.js'
import { namedFiles } from './is-in-folder.js'
import { type ListedFiles, listedFiles } from './listed-files.js'
import { packedFiles, type SortedFiles } from './packed-files.js'

/**
 * Every object of a `file://` database below a prefix, by the UTF-8 bytes of their keys. A file without metadata is
 * listed, too: it is a record that cannot be read, and not one that does not exist. Its time is the latest of those of its
 * two files.
 *
 * Throws `unavailable` if the folder of the database is gone, and `permission_denied` if a folder below it may not be
 * read.
 */
export async function listFiles(
  reads: Folders,
  prefix: string,
  call: Call,
  range?: KeyRange,
): Promise<ListedFiles> {
  const { database, files } = reads
  const found = listedFiles()
  try {
    await checkThere(reads, call)
    await walk(outermost(database))
  } catch (error) {
    throw clientError(error, call, `list ${database.root}`)
  }
  return found

  async function walk(folder: Folder): Promise<void> {
    const { above } = folder
    const inside: Inside = { folders: [], links: [] }
    const objects = await lookAtEach(folder, inside)
    let from = 0
    for (const inner of await innerFolders(reads, folder, inside, prefix, call)) {
      const to = objects.countBefore(inner.above.slice(above.length))
      found.add({ above, files: objects, from, to })
      from = to
      await walk(inner)
    }
    found.add({ above, files: objects, from, to: objects.size })
  }

  async function lookAtEach({ path, above }: Folder, inside: Inside): Promise<SortedFiles> {
    const packed = packedFiles()
    const missing = new Set<string>()
    for await (const names of objectNames(reads, path, inside, call)) {
      for (const name of names) {
        const key = `${above}${name}`
        if (!key.startsWith(prefix) || !isIn(range, key)) continue
        const object = await lookAt(files, path, name, call)
        if (object === 'missing') missing.add(name)
        else if (object !== undefined) packed.add(name, object.modified, object.bytes)
      }
    }
    // Deleted since the folder was read, or listed by a folder that does not return it. One more read of the folder
    // decides for all of them.
    if (missing.size > 0)
      for (const name of (await namedFiles(reads, { folder: path, wanted: missing }, call)) ?? [])
        packed.add(name, 0, 0)
    return packed.sorted()
  }
}

/** The time and size of an object, by its two files; `undefined` for a link to a folder. */
async function lookAt(
  files: Disk,
  folder: string,
  name: string,
  call: Call,
): Promise<{ modified: number; bytes: number } | 'missing' | undefined> {
  // A name from a folder listing needs no normalising, and `join` would take a large part of the time of `stat`.
  const path = `${folder}${sep}${name}`
  const body = await files.stat(path, call)
  if (body?.isDirectory()) return undefined
  if (body === undefined) return 'missing'
  const metadata = await files.stat(`${path}${metadataSuffix}`, call)
  return {
    modified: Math.max(lastChange(body), metadata === undefined ? 0 : lastChange(metadata)),
    bytes: body.size,
  }
}

/**
 * When a file became what it is, in whole ms. It may have been written some time before it was given its name, and its own
 * time is still that of the writing, or whatever a program sets: only the system knows when it came.
 */
function lastChange({ mtimeMs, ctimeMs }: Stats): number {
  return Math.floor(Math.max(mtimeMs, ctimeMs))
}
