import {
  closeSync,
  linkSync,
  mkdirSync,
  opendirSync,
  openSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { link, mkdir, open, opendir, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Call } from '@s3db-backup/core'
import { type FolderMaker, makeEach } from '@s3db-backup/core/internal'
import { quickness } from './quickness.js'
import { read, readAtOnce } from './read-regular.js'
import { take, takeAtOnce } from './take-entries.js'

/**
 * One file system. Reads resolve with `undefined` if there is no such file, and throw `corrupt` for a pipe, a device, or
 * anything else that is no file. Writes throw the system's error, and are
 * not aborted: s3db.js deletes the body of an object whose metadata it could not write.
 */
export interface Disk {
  stat(path: string, call: Call): Promise<Stats | undefined>
  /** `bytes`: how large the file is expected to be, if that is known. */
  read(path: string, call: Call, bytes?: number): Promise<Buffer | undefined>
  /**
   * What a folder has, some hundred entries at a time: a folder of a database may have two files for each of a million
   * records. Nothing if there is no such folder; the last list of a folder is empty. Where folders do not say what their
   * entries are and one is deleted meanwhile, entries may come twice.
   */
  entries(path: string, call: Call): AsyncGenerator<readonly Entry[]>
  /** Writes a file, and makes the folders above it where they do not exist. */
  write(path: string, content: string | Uint8Array): Promise<void>
  rename(from: string, to: string): Promise<void>
  /**
   * Makes a file, an empty one if nothing is said. Throws `EEXIST` where the name is taken, and `ENOENT` where its
   * folder does not exist. A file whose content could not be written is removed again.
   */
  create(path: string, content?: string): Promise<void>
  /** Gives a file a second name. Throws `EEXIST` where the name is taken. */
  link(from: string, to: string): Promise<void>
  /** Removes a file, if there is one. */
  remove(path: string): Promise<void>
}

export interface Entry {
  readonly name: string
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

/** So long, in ms, other work of the process waits at most for a row of quick calls. */
const longestTurn = 4

/** Files above this many bytes are never read or written at one go while everything else waits. */
const small = 256 * 1024

/** So many entries of a folder are read in one call, which takes about as long as another call. */
const entriesAtOnce = 256

/** The mode of folders of a database, which s3db.js makes so. */
const asTheUmaskAllows = 0o777

/** A process that has no file handle to spare is asked again this often, in ms between. */
const handleTries = 50
const handlePause = 20

/**
 * Uses a disk synchronously, in short turns, as long as it answers at once: each call through the thread pool would
 * cost several times as much as the read or write itself. A disk that does not (a network, an idle drive) is read
 * asynchronously, so that its calls wait side by side and nothing else waits for them.
 */
export function disk(now: () => number = () => performance.now()): Disk {
  const quick = quickness(now)
  let turnBegan = now()

  const breathe = async () => {
    if (now() - turnBegan < longestTurn) return
    await setImmediate()
    turnBegan = now()
  }

  /** Calls synchronously if the disk is quick, and asynchronously if not; waits for a spare file handle. */
  const run = async <T>(atOnce: (() => T) | undefined, slow: () => Promise<T>, call?: Call): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      call?.signal.throwIfAborted()
      await breathe()
      try {
        return atOnce === undefined || quick.isSlow() ? await slow() : quick.timed(atOnce)
      } catch (error) {
        const code = codeOf(error)
        if ((code !== 'EMFILE' && code !== 'ENFILE') || attempt === handleTries) throw error
        await setTimeout(handlePause, undefined, { signal: call?.signal })
      }
    }
  }

  const ifThere = async <T>(atOnce: (() => T) | undefined, slow: () => Promise<T>, call?: Call) => {
    try {
      return await run(atOnce, slow, call)
    } catch (error) {
      const code = codeOf(error)
      // A link that leads round in circles leads to nothing.
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined
      throw error
    }
  }

  const write = (path: string, content: string | Uint8Array) =>
    run<void>(content.length > small ? undefined : () => writeFileSync(path, content), () =>
      writeFile(path, content),
    )

  const folders: FolderMaker = {
    mkdir: (path, options) =>
      run<unknown>(
        () => mkdirSync(path, options),
        () => mkdir(path, options),
      ),
    stat,
  }

  async function* entries(path: string, call: Call): AsyncGenerator<readonly Entry[]> {
    try {
      yield* entriesBy(entriesAtOnce, path, call)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      // An entry was deleted before the system had said what it is, and others were lost with it.
      yield* entriesBy(1, path, call)
    }
  }

  async function* entriesBy(bufferSize: number, path: string, call: Call) {
    const folder = await ifThere(
      () => opendirSync(path, { bufferSize }),
      () => opendir(path, { bufferSize }),
      call,
    )
    if (folder === undefined) return
    const taking = { most: entriesAtOnce, skipsVanished: bufferSize === 1 }
    try {
      let found: readonly Entry[]
      do {
        found = await run(
          () => takeAtOnce(folder, taking),
          () => take(folder, taking),
          call,
        )
        yield found
      } while (found.length > 0)
    } finally {
      await folder.close()
    }
  }

  return {
    stat: (path, call) =>
      ifThere<Stats | undefined>(
        () => statSync(path, { throwIfNoEntry: false }),
        () => stat(path),
        call,
      ),
    read: (path, call, bytes = 0) =>
      ifThere(bytes > small ? undefined : () => readAtOnce(path), () => read(path, call.signal), call),
    entries,
    async write(path, content) {
      try {
        await write(path, content)
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error
        await makeEach(folders, dirname(path), asTheUmaskAllows)
        await write(path, content)
      }
    },
    create: (path, content = '') =>
      run(
        () => createAtOnce(path, content),
        () => create(path, content),
      ),
    rename: (from, to) =>
      run(
        () => renameSync(from, to),
        () => rename(from, to),
      ),
    link: (from, to) =>
      run(
        () => linkSync(from, to),
        () => link(from, to),
      ),
    remove: async (path) => {
      await ifThere(
        () => unlinkSync(path),
        () => unlink(path),
      )
    },
  }
}

function createAtOnce(path: string, content: string): void {
  const file = openSync(path, 'wx')
  try {
    if (content !== '') writeFileSync(file, content)
  } catch (error) {
    unlinkSync(path)
    throw error
  } finally {
    closeSync(file)
  }
}

async function create(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx')
  try {
    if (content !== '') await file.writeFile(content)
  } catch (error) {
    await unlink(path)
    throw error
  } finally {
    await file.close()
  }
}

/** The system's error code. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' ? code : undefined
}
