import { type FileHandle, open, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { abortable, BackupError, type Call } from '@s3db-backup/core'
import { arrivedAbove, makeDirectories, removeIfEmpty, syncDirectory } from './directories.js'
import { isErrno, problem, type Touched, touching } from './errors.js'
import { fileOf, findBelow, type Place } from './place.js'
import { publish, taken } from './publish.js'
import { strangerIn } from './strangers.js'
import { isRefusal } from './support.js'
import { temporaryName } from './temporary.js'

/** How often a directory may vanish under a put, because other calls remove empty ones, before it gives up. */
const attempts = 50

/**
 * Writes beside the final name, makes the bytes durable, and only then gives the file its name. A name that is
 * taken is never written over. Whatever goes wrong, and on abort, every step done so far is undone.
 */
export async function put(
  place: Place,
  key: string,
  body: AsyncIterable<Uint8Array>,
  { signal }: Call,
): Promise<{ bytes: number }> {
  signal.throwIfAborted()
  refuseStrangersName(key)
  const file = fileOf(place.root, key, 'upload')
  const undo: (() => Promise<unknown>)[] = []
  try {
    await refuseTaken(place, file)
    const { handle, path } = await openTemporary(place, file, undo)
    const bytes = await writeAll(handle, abortable(body, signal), { path: file, operation: 'upload' })
    await seal(handle, place, file)
    signal.throwIfAborted()
    await publish(place, path, file, undo)
    await syncDirectory(place.support, dirname(file), 'upload')
    await arrivedAbove(place, file)
    signal.throwIfAborted()
    return { bytes }
  } catch (error) {
    // A step that cannot be undone must not hide the reason. Its leftovers have temporary names and are swept later.
    for (const step of undo.reverse()) await step().catch(() => undefined)
    throw signal.aborted ? signal.reason : error
  }
}

/** Refuses a key that would not be listed. */
function refuseStrangersName(key: string): void {
  const name = strangerIn(key)
  if (name === undefined) return
  throw new BackupError(
    'invalid_options',
    `Cannot write ${key}: ${name} is a name that file systems reserve`,
    {
      operation: 'upload',
      driver: 'filesystem',
      suggestion: 'Choose another folder for the backups.',
      metadata: { key },
    },
  )
}

/** Refuses before the body is read. Two calls at once both pass here; `publish` lets one of them through. */
async function refuseTaken({ root }: Place, file: string): Promise<void> {
  if ((await findBelow(root, file, 'upload')) !== 'missing') throw taken(file)
}

interface Temporary {
  readonly handle: FileHandle
  readonly path: string
}

async function openTemporary(
  place: Place,
  file: string,
  undo: (() => Promise<unknown>)[],
): Promise<Temporary> {
  const directory = dirname(file)
  const path = join(directory, temporaryName())
  const made = new Set<string>()
  const onMade = (each: string) => {
    if (made.has(each)) return
    made.add(each)
    undo.push(() => removeIfEmpty(each))
  }
  for (let attempt = 1; ; attempt++) {
    try {
      await makeDirectories(place, directory, onMade)
      const handle = await touching({ path: file, operation: 'upload' }, () => open(path, 'wx', 0o600))
      undo.push(() => unlink(path))
      undo.push(() => handle.close())
      return { handle, path }
    } catch (error) {
      if (!wasVanished(error) || attempt === attempts) throw error
    }
  }
}

/** Another call found the directory empty and removed it before this one had a file in it. */
function wasVanished(error: unknown): boolean {
  return error instanceof Error && isErrno(error.cause, 'ENOENT')
}

/** Writes the body at the disk's pace. Errors of the body are passed on unchanged. */
async function writeAll(
  handle: FileHandle,
  body: AsyncIterable<Uint8Array>,
  touched: Touched,
): Promise<number> {
  let bytes = 0
  for await (const chunk of body) {
    let rest = chunk
    while (rest.byteLength > 0) {
      // A write may take fewer bytes than it was given (write(2)).
      const { bytesWritten } = await touching(touched, () => handle.write(rest))
      if (bytesWritten === 0)
        throw problem('unavailable', 'the file system accepts no more bytes. Try again', touched)
      rest = rest.subarray(bytesWritten)
      bytes += bytesWritten
    }
  }
  return bytes
}

async function seal(handle: FileHandle, place: Place, file: string): Promise<void> {
  const { permissions, support } = place
  await touching({ path: file, operation: 'upload' }, async () => {
    await handle.chmod(permissions).catch((error: unknown) => support.refused('permissions', error, file))
    if (support.has('sync')) await makeDurable(handle, place, file)
    await handle.close()
  })
}

/** fdatasync(2) waits for the bytes and for what is needed to find them; some file systems have that one alone. */
async function makeDurable(handle: FileHandle, { support }: Place, file: string): Promise<void> {
  try {
    await handle.sync()
  } catch (error) {
    if (!isRefusal(error)) throw error
    await handle.datasync().catch((second: unknown) => support.refused('sync', second, file))
  }
}
