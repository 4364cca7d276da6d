import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Client } from '../database.js'
import { codeOf, type Disk } from './disk.js'
import type { FileReads } from './file-database.js'

/** How the `file://` client of s3db.js writes: all that it stores passes through `_writeAtomic`. */
const storage = z.object({
  _writeAtomic: z.custom<unknown>((value) => typeof value === 'function'),
})

type WriteFile = (path: string, content: string | Uint8Array) => Promise<void>

/** The client of a `file://` database with another way to write a file; `undefined` if it does not write as is known. */
export function writingBy(client: Client, write: WriteFile): Client | undefined {
  const own: unknown = Reflect.get(client, 'storage')
  if (typeof own !== 'object' || own === null || !storage.safeParse(own).success) return undefined
  return Object.create(client, {
    storage: { value: Object.create(own, { _writeAtomic: { value: write } }) },
  })
}

/**
 * The client of a `file://` database, writing its files past the thread pool wherever the disk is quick. What is
 * written, and that a file has its name only once it is whole, is as ever. s3db.js makes the folder anew for each
 * file; here that is done where it does not exist.
 */
export function quickWriter({ client, files }: FileReads): Client {
  const write: WriteFile = async (path, content) => {
    // An empty file is whole as soon as it has its name.
    if (content.length === 0 && (await isCreated(files, path))) return
    const temporary = temporaryName(path)
    try {
      await files.write(temporary, content)
      await files.rename(temporary, path)
    } catch (error) {
      await files.remove(temporary)
      throw error
    }
  }
  return writingBy(client, write) ?? client
}

/** Makes an empty file, unless there is one or its folder does not exist yet. */
async function isCreated(files: Disk, path: string): Promise<boolean> {
  try {
    await files.create(path)
    return true
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST' || code === 'ENOENT') return false
    throw error
  }
}

/** An ending of the client's own: whoever lists the folder knows such files and passes them by. */
export function temporaryName(path: string): string {
  return `${path}.tmp.${Date.now()}.${randomUUID().slice(0, 6)}`
}
