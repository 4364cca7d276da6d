import { join } from 'node:path'
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
    await walk(start, join(root, keyPrefix))
  } catch (error) {
    throw clientError(error, call, `list ${root}`)
  }
  return found.sort((a, b) => compareIds(a.key, b.key))

  async function walk(above: string, folder: string): Promise<void> {
    const entries = await files.entries(folder, call)
    if (entries === undefined) return
    const wanted = `${start}${prefix}`
    for (const entry of entries) {
      const inside = `${above}${entry.name}/`
      // Above the prefix only the path that leads to it, below it everything.
      if (entry.isDirectory() && (inside.startsWith(wanted) || wanted.startsWith(inside)))
        await walk(inside, join(folder, entry.name))
    }
    const names = new Set(entries.filter(isFile).map(({ name }) => name))
    for (const name of objectsAmong(names, database)) {
      const key = `${above}${name}`
      if (!key.startsWith(wanted) || !isIn(range, key.slice(start.length))) continue
      const object = await lookAt(files, folder, name, names.has(`${name}${metadataSuffix}`), call)
      if (object !== undefined) found.push({ ...object, key: key.slice(start.length) })
    }
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
  const path = join(folder, name)
  const body = await files.stat(path, call)
  if (body?.isDirectory()) return undefined
  if (body === undefined) {
    // Deleted since the folder was read, or listed by a folder that does not return it.
    const again = await files.entries(folder, call)
    return again?.some((entry) => entry.name === name) ? { modified: 0, bytes: 0 } : undefined
  }
  const metadata = described ? await files.stat(`${path}${metadataSuffix}`, call) : undefined
  return { modified: Math.floor(Math.max(body.mtimeMs, metadata?.mtimeMs ?? 0)), bytes: body.size }
}

function gone(root: string): BackupError {
  return new BackupError('unavailable', `The folder of the database, ${root}, does not exist`, {
    suggestion: 'Check that its disk is mounted and that the path is right.',
    metadata: { wholeStorage: true, path: root, missing: true },
  })
}
