import type { Call } from '@s3db-backup/core'
import type { Disk } from './disk.js'
import { type FileDatabase, metadataSuffix } from './file-database.js'
import { isFile } from './is-in-folder.js'

/** What a folder of a database has. Links are among `objects` too, since most lead to files. */
export interface FolderNames {
  readonly folders: readonly string[]
  readonly links: readonly string[]
  readonly objects: readonly string[]
}

/** A file that s3db.js has begun to write and not yet renamed: `<name>.tmp.<ms>.<six characters>`. */
const temporary = /\.tmp\.\d{13}\.[\w-]{6}$/

/**
 * The names in a folder, in the order in which the system gives them; `undefined` if there is no such folder. It may have
 * two files for each of a million records, so nothing is kept but one name for each.
 *
 * Objects are all files but metadata, files that are being written, and the client's own copies. An id may look like any
 * of these; metadata of its own proves that it is one.
 */
export async function namesIn(
  files: Disk,
  { copySuffix }: FileDatabase,
  folder: string,
  call: Call,
): Promise<FolderNames | undefined> {
  const folders: string[] = []
  const links: string[] = []
  const objects: string[] = []
  /** Names that may be no objects. */
  const odd: string[] = []
  /** Those of them, and names like those of metadata, that have metadata of their own. */
  const described = new Set<string>()
  /** Only what the client copies is looked for by name. */
  const originals = copySuffix === undefined ? undefined : new Set<string>()
  const mayBeCopy = (name: string) => copySuffix !== undefined && name.endsWith(copySuffix)
  const isOdd = (name: string) => temporary.test(name) || mayBeCopy(name)
  const isCopy = (name: string) =>
    copySuffix !== undefined && mayBeCopy(name) && originals?.has(name.slice(0, -copySuffix.length))

  let isThere = false
  for await (const entries of files.entries(folder, call)) {
    isThere = true
    for (const entry of entries) {
      const { name } = entry
      if (entry.isDirectory()) folders.push(name)
      if (entry.isSymbolicLink()) links.push(name)
      if (!isFile(entry)) continue
      originals?.add(name)
      if (name.endsWith(metadataSuffix)) {
        const of = name.slice(0, -metadataSuffix.length)
        if (of.endsWith(metadataSuffix) || isOdd(of)) described.add(of)
      } else if (isOdd(name)) odd.push(name)
      else objects.push(name)
    }
  }
  if (!isThere) return undefined
  for (const name of odd)
    if (described.has(name) || !(temporary.test(name) || isCopy(name))) objects.push(name)
  // Whether there is a body of that name, a look at the file tells.
  for (const name of described) if (name.endsWith(metadataSuffix)) objects.push(name)
  return { folders, links, objects }
}
