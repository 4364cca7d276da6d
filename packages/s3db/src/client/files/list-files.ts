import { join, sep } from 'node:path'
import { type Call, compareIds } from '@s3db-backup/core'
import { isIn, type KeyRange } from '../../listing/key-range.js'
import { clientError } from '../client-errors.js'
import { checkThere } from './check-folder.js'
import type { Disk } from './disk.js'
import { type FileReads, metadataSuffix } from './file-database.js'
import { namesIn } from './folder-names.js'
import { leadsToFolder } from './follow-links.js'
import { namedFiles } from './is-in-folder.js'
import { type FileColumns, type ListedFiles, listedFiles, sortedByName, takeBefore } from './listed-files.js'

/**
 * Every object of a `file://` database below a prefix, by the UTF-8 bytes of their keys. A file without metadata is
 * listed, too: it is a record that cannot be read, and not one that does not exist. Its time is the later of the
 * times of its two files, since the metadata is written last.
 *
 * Throws `unavailable` if the folder of the database is gone, and `permission_denied` if a folder below it may not be
 * read.
 */
export async function listFiles(
  { database, files }: FileReads,
  prefix: string,
  call: Call,
  range?: KeyRange,
): Promise<ListedFiles> {
  const { root, keyPrefix } = database
  const found = listedFiles()
  const start = keyPrefix === '' ? '' : `${keyPrefix}/`
  const wanted = `${start}${prefix}`
  try {
    await checkThere({ database, files }, call)
    await walk(start, join(root, keyPrefix), [])
  } catch (error) {
    throw clientError(error, call, `list ${root}`)
  }
  return found

  /**
   * Goes through a folder and those in it in the order of keys, in which a folder stands where its name with a slash does.
   * `way`: the folders on the way there, the outermost first.
   */
  async function walk(path: string, folder: string, way: readonly string[]): Promise<void> {
    const inside = await namesIn(files, database, folder, call)
    if (inside === undefined) return
    const further = [...way, folder]
    const links = new Set(inside.links)
    const folders = [...inside.folders, ...links].map((name) => `${name}/`).sort(compareIds)
    const objects = sortedByName(await lookAtEach(path.slice(start.length), folder, inside.objects))
    for (const inner of folders) {
      const below = `${path}${inner}`
      // Above the prefix only the path that leads to it, below it everything.
      const needed = wanted.startsWith(below)
      if (!needed && !below.startsWith(wanted)) continue
      const name = inner.slice(0, -1)
      const link = join(folder, name)
      if (links.has(name) && !(await leadsToFolder(files, { link, way: further, needed }, call))) continue
      found.add(takeBefore(objects, inner))
      await walk(below, link, further)
    }
    found.add(objects)
  }

  async function lookAtEach(above: string, folder: string, names: readonly string[]): Promise<FileColumns> {
    const columns: FileColumns = { above, names: [], modified: [], bytes: [] }
    const add = (name: string, { modified, bytes }: { modified: number; bytes: number }) => {
      columns.names.push(name)
      columns.modified.push(modified)
      columns.bytes.push(bytes)
    }
    const missing = new Set<string>()
    for (const name of names) {
      const key = `${above}${name}`
      if (!key.startsWith(prefix) || !isIn(range, key)) continue
      const object = await lookAt(files, folder, name, call)
      if (object === 'missing') missing.add(name)
      else if (object !== undefined) add(name, object)
    }
    if (missing.size === 0) return columns
    // Deleted since the folder was read, or listed by a folder that does not return it. One more read tells for all
    // of them.
    for (const name of (await namedFiles({ files }, { folder, wanted: missing }, call)) ?? [])
      add(name, { modified: 0, bytes: 0 })
    return columns
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
  return { modified: Math.floor(Math.max(body.mtimeMs, metadata?.mtimeMs ?? 0)), bytes: body.size }
}
