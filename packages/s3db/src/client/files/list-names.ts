import type { Call } from '@s3db-backup/core'
import { isIn, type KeyRange } from '../../listing/key-range.js'
import { clientError } from '../client-errors.js'
import { checkThere } from './check-folder.js'
import { type Folders, type Inside, objectNames } from './folder-names.js'
import { innerFolders, outermost } from './inner-folders.js'

/**
 * The keys of what `listFiles` lists, some hundred at a time and in no order. Looks at no file and holds no key. Throws
 * what `listFiles` throws.
 */
export async function* listFileKeys(
  reads: Folders,
  prefix: string,
  call: Call,
  range?: KeyRange,
): AsyncGenerator<readonly string[]> {
  const { database } = reads
  try {
    await checkThere(reads, call)
    const folders = [outermost(database)]
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const { path, above } = folder
      const inside: Inside = { folders: [], links: [] }
      for await (const names of objectNames(reads, path, inside, call))
        yield names
          .map((name) => `${above}${name}`)
          .filter((key) => key.startsWith(prefix) && isIn(range, key))
      folders.push(...(await innerFolders(reads, folder, inside, prefix, call)))
    }
  } catch (error) {
    throw clientError(error, call, `list ${database.root}`)
  }
}

/** The names of the folders at the top of a `file://` database that begin so, and of the links that may lead to one. */
export async function foldersInFiles(reads: Folders, prefix: string, call: Call): Promise<string[]> {
  const { database } = reads
  const inside: Inside = { folders: [], links: [] }
  try {
    await checkThere(reads, call)
    for await (const _ of objectNames(reads, outermost(database).path, inside, call));
    return [...inside.folders, ...inside.links].filter((name) => name.startsWith(prefix))
  } catch (error) {
    throw clientError(error, call, `list ${database.root}`)
  }
}
