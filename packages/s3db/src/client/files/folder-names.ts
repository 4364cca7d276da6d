import { sep } from 'node:path'
import type { Call } from '@s3db-backup/core'
import { type FileReads, metadataSuffix } from './file-database.js'
import { isFile } from './is-in-folder.js'

/** What a folder of a database has beside objects. Links are among the objects too, since most lead to files. */
export interface Inside {
  readonly folders: string[]
  readonly links: string[]
}

/** Where folders are read. */
export type Folders = Pick<FileReads, 'database' | 'files'>

/** A file that s3db.js has begun to write and not yet renamed: `<name>.tmp.<ms>.<six characters>`. */
const temporary = /\.tmp\.\d{13}\.[\w-]{6}$/

/**
 * The names of the objects in a folder, some hundred at a time, in the order in which the system gives them; none if
 * there is no such folder. Adds the other names to `inside`. A folder may have two files for each of a million records,
 * so this holds no name of an object.
 *
 * Objects are all files but metadata, files that are being written, and the client's own copies. An id may look like any
 * of these; metadata of its own proves that it is one.
 */
export async function* objectNames(
  { database: { copySuffix }, files }: Folders,
  folder: string,
  inside: Inside,
  call: Call,
): AsyncGenerator<readonly string[]> {
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

  for await (const entries of files.entries(folder, call)) {
    const objects: string[] = []
    for (const entry of entries) {
      const { name } = entry
      if (entry.isDirectory()) inside.folders.push(name)
      if (entry.isSymbolicLink()) inside.links.push(name)
      if (!isFile(entry)) continue
      originals?.add(name)
      if (name.endsWith(metadataSuffix)) {
        const of = name.slice(0, -metadataSuffix.length)
        if (of.endsWith(metadataSuffix) || isOdd(of)) described.add(of)
      } else if (isOdd(name)) odd.push(name)
      else objects.push(name)
    }
    yield objects
  }
  yield odd.filter((name) => described.has(name) || !(temporary.test(name) || isCopy(name)))
  const likeMetadata = [...described].filter((name) => name.endsWith(metadataSuffix))
  for (const name of likeMetadata) if (await isBody(`${folder}${sep}${name}`)) yield [name]

  async function isBody(path: string): Promise<boolean> {
    return (await files.stat(path, call))?.isDirectory() === false
  }
}
