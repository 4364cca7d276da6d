import { createHash, randomUUID } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import type { Client } from '../database.js'
import { type FileReads, pathOf } from './file-database.js'

/** How the `file://` client of s3db.js writes: all that it stores passes through `_writeAtomic`. */
const storage = z.object({
  _writeAtomic: z.custom<unknown>((value) => typeof value === 'function'),
})

type Put = Parameters<Client['putObject']>[0]

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
 * Stores an object of a `file://` database, replacing any other. Both files are written completely under other names
 * before either gets its own: the old object stays if there is no room for one of them, or its name is too long.
 * s3db.js would delete the body then. What is written is as ever; the folder is made where it does not exist, and not
 * anew for each file.
 */
export async function storeInFiles({ client, files, database }: FileReads, put: Put): Promise<unknown> {
  const written: { readonly path: string; readonly temporary: string }[] = []
  const failures: unknown[] = []
  const write: WriteFile = async (path, content) => {
    const temporary = temporaryName(path)
    written.push({ path, temporary })
    const writing = files.write(temporary, content)
    // If s3db.js learnt that the metadata failed, it would delete the body that was there before.
    await (written.length === 1 ? writing : writing.catch((error: unknown) => failures.push(error)))
  }
  const ours = writingBy(client, write)
  if (ours === undefined) return client.putObject(put)
  try {
    const stored = await ours.putObject(put)
    if (failures.length > 0) throw failures[0]
    // Metadata without a body is not an object: an interruption between the two leaves nothing of a new object.
    const isNew = (await files.stat(pathOf(database, put.key), never)) === undefined
    for (const { temporary, path } of isNew ? written.reverse() : written) await files.rename(temporary, path)
    return stored
  } finally {
    await Promise.all(written.map(({ temporary }) => files.remove(temporary)))
  }
}

/** Once begun, it is brought to its end. */
const never = { signal: new AbortController().signal }

/** The longest name on most file systems, in bytes. */
const longestName = 255

/** The client's own suffix: a listing of the folder knows such files and skips them. */
export function temporaryName(path: string): string {
  const ending = `.tmp.${Date.now()}.${randomUUID().slice(0, 6)}`
  const name = basename(path)
  if (Buffer.byteLength(name) + ending.length <= longestName) return `${path}${ending}`
  return join(dirname(path), `${createHash('sha256').update(name).digest('hex')}${ending}`)
}
