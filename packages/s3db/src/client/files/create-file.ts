import type { Call } from '@s3db-backup/core'
import type { Client } from '../database.js'
import { codeOf } from './disk.js'
import { type FileReads, metadataSuffix } from './file-database.js'
import { temporaryName, writingBy } from './write-file.js'

/** File systems that have no hard links say so in one of these ways. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EACCES'])

interface Written {
  readonly path: string
  readonly temporary: string
  /** There is no temporary file: the file is created under its final name. */
  readonly empty: boolean
}

/**
 * Stores an object of a `file://` database unless there is one, whoever writes at the same time: both files get their
 * names by a hard link, which fails if the name is taken. s3db.js does the rest as usual; only the step that gives a
 * file its name is ours. `undefined` if its client writes in an unknown way.
 */
export async function createFileObject(
  { client, files }: FileReads,
  put: (client: Client) => Promise<'created' | 'exists'>,
  call: Call,
): Promise<'created' | 'exists' | undefined> {
  const written: Written[] = []
  let failed: unknown
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    const temporary = temporaryName(path)
    const empty = content.length === 0
    written.push({ path, temporary, empty })
    // An empty file is complete as soon as it has its name, so it needs no temporary name.
    if (empty) return
    const writing = files.write(temporary, content)
    // If the client learnt that the metadata failed, it would delete the body, which may be another writer's.
    await (written.length === 1
      ? writing
      : writing.catch((error: unknown) => {
          failed = error
        }))
  }
  const exclusive = writingBy(client, write)
  if (exclusive === undefined) return undefined
  try {
    if ((await put(exclusive)) === 'exists') return 'exists'
    if (failed !== undefined) throw failed
    // A client that wraps its storage has stored the object in its own way, with the condition that it was given.
    if (written.length === 0) return 'created'
    return await publish(written)
  } finally {
    await Promise.all(written.map(({ temporary, empty }) => (empty ? undefined : files.remove(temporary))))
  }

  /** The metadata first: an interruption between the two leaves metadata without a body, which is not an object. */
  async function publish([body, metadata]: readonly Written[]): Promise<'created' | 'exists' | undefined> {
    if (body === undefined || metadata?.path !== `${body.path}${metadataSuffix}`) return undefined
    const described = await take(metadata)
    if (described === 'refused') return (await isThere(body)) ? 'exists' : replaceBoth(body, metadata)
    if (described === 'taken' && (await isThere(body))) return 'exists'
    if ((await take(body)) !== 'ours') return 'exists'
    // Metadata left behind without a body.
    if (described === 'taken') await files.rename(metadata.temporary, metadata.path)
    return 'created'
  }

  async function isThere({ path }: Written): Promise<boolean> {
    return (await files.stat(path, call)) !== undefined
  }

  async function take({ path, temporary, empty }: Written): Promise<'ours' | 'taken' | 'refused'> {
    try {
      await (empty ? files.create(path) : files.link(temporary, path))
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
    await (body.empty ? files.write(body.path, '') : files.rename(body.temporary, body.path))
    await files.rename(metadata.temporary, metadata.path)
    return 'created'
  }
}
