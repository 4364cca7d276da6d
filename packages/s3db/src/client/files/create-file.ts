import { randomUUID } from 'node:crypto'
import { link, rename, rm, writeFile } from 'node:fs/promises'
import type { Call } from '@s3db-backup/core'
import * as z from 'zod'
import type { Client } from '../database.js'
import { codeOf } from './disk.js'
import { type FileReads, metadataSuffix } from './file-database.js'

/** How its client writes a file: everything that it stores passes through here. */
const writer = z.object({
  _writeAtomic: z.custom<unknown>((value) => typeof value === 'function'),
  _ensureDirectory: z.custom<(path: string) => Promise<void>>((value) => typeof value === 'function'),
})

/** File systems that have no hard links say so in one of these ways. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EACCES'])

interface Written {
  readonly path: string
  readonly temporary: string
}

/**
 * Stores an object of a `file://` database unless there is one, whoever writes at the same time: both files get their
 * names by a hard link, which fails where the name is taken. s3db.js does the rest as ever; only the step that
 * gives a file its name is ours. `undefined` if its client does not write in the way that is known here.
 */
export async function createFileObject(
  { client, files }: FileReads,
  put: (client: Client) => Promise<'created' | 'exists'>,
  call: Call,
): Promise<'created' | 'exists' | undefined> {
  const storage: unknown = Reflect.get(client, 'storage')
  const { data } = writer.safeParse(storage)
  if (data === undefined || typeof storage !== 'object' || storage === null) return undefined
  const written: Written[] = []
  let failed: unknown
  const write = async (path: string, bytes: string | Uint8Array): Promise<void> => {
    await data._ensureDirectory.call(storage, path)
    // An ending of the client's own: whoever lists the folder knows such files and passes them by.
    const temporary = `${path}.tmp.${Date.now()}.${randomUUID().slice(0, 6)}`
    written.push({ path, temporary })
    const writing = writeFile(temporary, bytes)
    // Were the client told that the metadata failed, it would delete the body, and that may be another writer's.
    await (written.length === 1
      ? writing
      : writing.catch((error: unknown) => {
          failed = error
        }))
  }
  const exclusive: Client = Object.create(client, {
    storage: { value: Object.create(storage, { _writeAtomic: { value: write } }) },
  })
  try {
    if ((await put(exclusive)) === 'exists') return 'exists'
    if (failed !== undefined) throw failed
    return await publish(written)
  } finally {
    await Promise.all(written.map(({ temporary }) => rm(temporary, { force: true })))
  }

  /** The metadata first: what breaks off between the two leaves metadata without a body, which is no object. */
  async function publish([body, metadata]: readonly Written[]): Promise<'created' | 'exists' | undefined> {
    if (body === undefined || metadata?.path !== `${body.path}${metadataSuffix}`) return undefined
    const described = await take(metadata)
    if (described === 'refused') return (await isThere(body)) ? 'exists' : replaceBoth(body, metadata)
    if (described === 'taken' && (await isThere(body))) return 'exists'
    if ((await take(body)) !== 'ours') return 'exists'
    // Metadata that was left without a body.
    if (described === 'taken') await rename(metadata.temporary, metadata.path)
    return 'created'
  }

  async function isThere({ path }: Written): Promise<boolean> {
    return (await files.stat(path, call)) !== undefined
  }
}

async function take({ path, temporary }: Written): Promise<'ours' | 'taken' | 'refused'> {
  try {
    await link(temporary, path)
    return 'ours'
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return 'taken'
    if (noLinks.has(code ?? '')) return 'refused'
    throw error
  }
}

/** Without hard links the last look and the write are two steps, a moment apart. */
async function replaceBoth(body: Written, metadata: Written): Promise<'created'> {
  await rename(body.temporary, body.path)
  await rename(metadata.temporary, metadata.path)
  return 'created'
}
