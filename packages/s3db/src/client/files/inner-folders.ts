import { join } from 'node:path'
import { BackupError, type Call, compareIds } from '@s3db-backup/core'
import { errnoOf } from '@s3db-backup/core/internal'
import type { Disk } from './disk.js'
import type { FileDatabase } from './file-database.js'
import type { Folders, Inside } from './folder-names.js'
import { leadsToFolder } from './follow-links.js'

/** A folder of a database. */
export interface Folder {
  readonly path: string
  /** The prefix of the names in it, in the keys of objects. */
  readonly above: string
  /** The folders on the way there, the outermost first. */
  readonly way: readonly string[]
}

/** The folder of everything in a database. */
export function outermost({ root, keyPrefix }: FileDatabase): Folder {
  return { path: join(root, keyPrefix), above: '', way: [] }
}

/**
 * The folders in one that lead to a prefix or lie below it, in the order of keys, in which a folder stands where its name
 * with a slash does. A link that leads to a folder counts as one, unless it leads back.
 */
export async function innerFolders(
  { files }: Pick<Folders, 'files'>,
  { path, above, way }: Folder,
  { folders, links }: Inside,
  prefix: string,
  call: Call,
): Promise<Folder[]> {
  const isLink = new Set(links)
  const further = [...way, path]
  const found: Folder[] = []
  await checkNeeded(files, { path, name: neededIn(above, prefix), folders }, call)
  for (const inner of [...new Set([...folders, ...links])].map((name) => `${name}/`).sort(compareIds)) {
    const below = `${above}${inner}`
    // Above the prefix only the path that leads to it, below it everything.
    const needed = prefix.startsWith(below)
    if (!needed && !below.startsWith(prefix)) continue
    const name = inner.slice(0, -1)
    const folder = join(path, name)
    if (isLink.has(name) && !(await leadsToFolder(files, { link: folder, way: further, needed }, call)))
      continue
    found.push({ path: folder, above: below, way: further })
  }
  return found
}

/** The name of the folder that leads to the prefix; nothing below it. */
function neededIn(above: string, prefix: string): string | undefined {
  const rest = prefix.startsWith(above) ? prefix.slice(above.length) : ''
  const end = rest.indexOf('/')
  return end > 0 ? rest.slice(0, end) : undefined
}

interface Needed {
  readonly path: string
  readonly name: string | undefined
  readonly folders: readonly string[]
}

/** A folder that is missing is empty. One in whose place there is something else was lost. */
async function checkNeeded(files: Disk, { path, name, folders }: Needed, call: Call): Promise<void> {
  if (name === undefined || folders.includes(name)) return
  const there = await files.stat(join(path, name), call).catch((error: unknown) => {
    // A folder with a name that is too long for the disk cannot exist.
    if (errnoOf(error) === 'ENAMETOOLONG') return undefined
    throw error
  })
  if (there === undefined || there.isDirectory()) return
  throw new BackupError(
    'unavailable',
    `${join(path, name)} is not a folder, and the database has its records there`,
    {
      suggestion: 'Find out what has replaced the folder, and bring it back.',
      metadata: { path: join(path, name) },
    },
  )
}
