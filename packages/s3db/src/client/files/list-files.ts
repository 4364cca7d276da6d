import { join, sep } from 'node:path'
import { type Call, compareIds } from '@s3db-backup/core'
import { isIn, type KeyRange } from '../../listing/key-range.js'
import { clientError } from '../client-errors.js'
import { checkThere } from './check-folder.js'
import type { Disk } from './disk.js'
import { type FileReads, metadataSuffix, objectsAmong } from './file-database.js'
import { leadsToFolder } from './follow-links.js'
import { isFile, namedFiles } from './is-in-folder.js'

/** An object as its files show it. */
export interface FileObject {
  readonly key: string
  /** In ms since 1970. */
  readonly modified: number
  /** The size of its body's file. */
  readonly bytes: number
}

/**
 * Every object of a `file://` database below a prefix, by the UTF-8 bytes of their keys. A file without metadata is
 * listed, too: it is a record that cannot be read, and not one that does not exist. `modified` is the later of the
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
): Promise<FileObject[]> {
  const { root, keyPrefix } = database
  const found: FileObject[] = []
  const start = keyPrefix === '' ? '' : `${keyPrefix}/`
  try {
    await checkThere({ database, files }, call)
    await walk(start, join(root, keyPrefix), [])
  } catch (error) {
    throw clientError(error, call, `list ${root}`)
  }
  return found.sort((a, b) => compareIds(a.key, b.key))

  /** `way`: the folders on the way there, the outermost first. */
  async function walk(above: string, folder: string, way: readonly string[]): Promise<void> {
    const inside = await namesIn(files, folder, call)
    if (inside === undefined) return
    const { folders, links, names } = inside
    const wanted = `${start}${prefix}`
    const further = [...way, folder]
    const follow = async (name: string, isLink: boolean) => {
      const below = `${above}${name}/`
      // Above the prefix only the path that leads to it, below it everything.
      if (!below.startsWith(wanted) && !wanted.startsWith(below)) return
      const path = join(folder, name)
      const needed = wanted.startsWith(below)
      if (!isLink || (await leadsToFolder(files, { link: path, way: further, needed }, call)))
        await walk(below, path, further)
    }
    for (const name of folders) await follow(name, false)
    for (const name of links) await follow(name, true)
    const keyOf = (name: string) => `${above}${name}`.slice(start.length)
    const missing = new Set<string>()
    for (const name of objectsAmong(names, database)) {
      const key = keyOf(name)
      if (!key.startsWith(prefix) || !isIn(range, key)) continue
      const object = await lookAt(files, folder, name, names.has(`${name}${metadataSuffix}`), call)
      if (object === 'missing') missing.add(name)
      else if (object !== undefined) found.push({ ...object, key })
    }
    if (missing.size === 0) return
    // Deleted since the folder was read, or listed by a folder that does not return it. One more read tells for all
    // of them.
    for (const name of namedFiles(await files.entries(folder, call), missing))
      found.push({ key: keyOf(name), modified: 0, bytes: 0 })
  }
}

/** The names of the folders at the top of a `file://` database that begin so, and of the links that may lead to one. */
export async function foldersInFiles(
  { database, files }: FileReads,
  prefix: string,
  call: Call,
): Promise<string[]> {
  const { root, keyPrefix } = database
  try {
    await checkThere({ database, files }, call)
    const { folders = [], links = [] } = (await namesIn(files, join(root, keyPrefix), call)) ?? {}
    return [...folders, ...links].filter((name) => name.startsWith(prefix))
  } catch (error) {
    throw clientError(error, call, `list ${root}`)
  }
}

/** Links are among `names` too, since most lead to files. */
interface FolderNames {
  readonly folders: readonly string[]
  readonly links: readonly string[]
  readonly names: ReadonlySet<string>
}

/**
 * The names in a folder. It may have two files for each of a million records, so everything else that the system says of
 * them is dropped at once.
 */
async function namesIn(files: Disk, folder: string, call: Call): Promise<FolderNames | undefined> {
  const entries = await files.entries(folder, call)
  if (entries === undefined) return undefined
  const folders: string[] = []
  const links: string[] = []
  const names = new Set<string>()
  for (const entry of entries) {
    if (entry.isDirectory()) folders.push(entry.name)
    if (entry.isSymbolicLink()) links.push(entry.name)
    if (isFile(entry)) names.add(entry.name)
  }
  return { folders, links, names }
}

async function lookAt(
  files: Disk,
  folder: string,
  name: string,
  described: boolean,
  call: Call,
): Promise<Omit<FileObject, 'key'> | 'missing' | undefined> {
  // A name from a folder listing needs no normalising, and `join` would take a large part of the time of `stat`.
  const path = `${folder}${sep}${name}`
  const body = await files.stat(path, call)
  if (body?.isDirectory()) return undefined
  if (body === undefined) return 'missing'
  const metadata = described ? await files.stat(`${path}${metadataSuffix}`, call) : undefined
  return { modified: Math.floor(Math.max(body.mtimeMs, metadata?.mtimeMs ?? 0)), bytes: body.size }
}
