import { join, sep } from 'node:path'
import { BackupError, type Call, compareIds } from '@s3db-backup/core'
import { isIn, type KeyRange } from '../../listing/key-range.js'
import { clientError } from '../client-errors.js'
import type { Disk, Entry } from './disk.js'
import { type FileReads, metadataSuffix, objectsAmong } from './file-database.js'

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

  /** `way`: the folders that were gone through, the outermost first. */
  async function walk(above: string, folder: string, way: readonly string[]): Promise<void> {
    const entries = await files.entries(folder, call)
    if (entries === undefined) return
    const wanted = `${start}${prefix}`
    const further = [...way, folder]
    for (const entry of entries) {
      if (!entry.isDirectory() && !entry.isSymbolicLink()) continue
      const inside = `${above}${entry.name}/`
      // Above the prefix only the way down to it, below it everything.
      if (!inside.startsWith(wanted) && !wanted.startsWith(inside)) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory() || (await leadsOn(path, further, wanted.startsWith(inside))))
        await walk(inside, path, further)
    }
    const names = new Set(entries.filter(isFile).map(({ name }) => name))
    for (const name of objectsAmong(names, database)) {
      const key = `${above}${name}`
      if (!key.startsWith(wanted) || !isIn(range, key.slice(start.length))) continue
      const object = await lookAt(files, folder, name, names.has(`${name}${metadataSuffix}`), call)
      if (object !== undefined) found.push({ ...object, key: key.slice(start.length) })
    }
  }

  /** Whether a link leads to a folder, as one does that was moved to another disk, and not back to the way to it. */
  async function leadsOn(link: string, way: readonly string[], needed: boolean): Promise<boolean> {
    const there = await files.stat(link, call)
    if (there === undefined && needed) throw leadsNowhere(link)
    if (there === undefined || !there.isDirectory()) return false
    for (const folder of way) {
      const passed = await files.stat(folder, call)
      if (passed?.ino === there.ino && passed.dev === there.dev) return false
    }
    return true
  }
}

/** Throws `unavailable` if the folder of the database is gone: without it, none of its files is there either. */
export async function checkThere(
  { database: { root }, files }: Pick<FileReads, 'database' | 'files'>,
  call: Call,
): Promise<void> {
  if ((await files.stat(root, call)) === undefined) throw gone(root)
}

/** Throws `unavailable` if there is a file where the folder of the database should be. */
export async function checkFolder(
  { database: { root }, files }: Pick<FileReads, 'database' | 'files'>,
  call: Call,
): Promise<void> {
  const found = await files.stat(root, call)
  if (found === undefined || found.isDirectory()) return
  throw new BackupError('unavailable', `The database's location, ${root}, is a file and not a folder`, {
    suggestion: 'Check that the path is right.',
    metadata: { wholeStorage: true, path: root },
  })
}

/** Links lead to files that s3db.js reads like any other. */
function isFile(entry: Entry): boolean {
  return entry.isFile() || entry.isSymbolicLink()
}

async function lookAt(
  files: Disk,
  folder: string,
  name: string,
  described: boolean,
  call: Call,
): Promise<Omit<FileObject, 'key'> | undefined> {
  // A name that a folder has given needs no normalising, and `join` would take a good part of the time of `stat`.
  const path = `${folder}${sep}${name}`
  const body = await files.stat(path, call)
  if (body?.isDirectory()) return undefined
  if (body === undefined) {
    // Deleted since the folder was read, or shown by a folder that does not give it.
    const again = await files.entries(folder, call)
    return again?.some((entry) => entry.name === name) ? { modified: 0, bytes: 0 } : undefined
  }
  const metadata = described ? await files.stat(`${path}${metadataSuffix}`, call) : undefined
  return { modified: Math.floor(Math.max(body.mtimeMs, metadata?.mtimeMs ?? 0)), bytes: body.size }
}

function leadsNowhere(link: string): BackupError {
  return new BackupError('unavailable', `The link ${link} in the database leads to nothing`, {
    suggestion: 'Check that the disk that it leads to is mounted.',
    metadata: { path: link },
  })
}

function gone(root: string): BackupError {
  return new BackupError('unavailable', `The folder of the database, ${root}, does not exist`, {
    suggestion: 'Check that its disk is mounted and that the path is right.',
    metadata: { wholeStorage: true, path: root, missing: true },
  })
}
