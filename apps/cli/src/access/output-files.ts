import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import fs, { open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip, type Gzip } from 'node:zlib'
import { BackupError } from '@s3db-backup/core'
import { errnoOf, makeFolder, systemError } from '@s3db-backup/core/internal'

/** Files of JSON lines in a folder, each begun when its first lines come. */
export interface LineFiles {
  write(name: string, lines: readonly unknown[]): Promise<void>
  /** Ends all files, and throws what went wrong with any of them. */
  close(): Promise<void>
}

/**
 * Opens a folder that is new or empty for `<name>.jsonl.gz` files, which only their owner may read.
 *
 * @throws BackupError `conflict` if there is something in the folder; what the file system says.
 */
export async function lineFiles(folder: string): Promise<LineFiles> {
  // The content may have been encrypted in the backup, so nobody else may read it.
  await makeFolder(fs, folder, purpose)
  const found = await readdir(folder).catch((cause: unknown) => {
    throw cannotWrite(folder, cause)
  })
  if (found.length > 0) throw notEmpty(folder)
  const open = new Map<string, { readonly gzip: Gzip; readonly done: Promise<void> }>()
  const begin = (name: string) => {
    const path = join(folder, `${encodeURIComponent(name)}.jsonl.gz`)
    const gzip = createGzip()
    const done = pipeline(gzip, createWriteStream(path, { flags: 'wx', mode: 0o600 })).catch(
      (error: unknown) => {
        throw cannotWrite(path, error)
      },
    )
    done.catch(() => undefined)
    const file = { gzip, done }
    open.set(name, file)
    return file
  }
  return {
    async write(name, lines) {
      const { gzip, done } = open.get(name) ?? begin(name)
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
      if (!gzip.write(text)) await Promise.race([once(gzip, 'drain'), done])
    },
    async close() {
      for (const { gzip } of open.values()) gzip.end()
      for (const { done } of open.values()) await done
    },
  }
}

const purpose = {
  what: 'the folder',
  suggestion: 'Give a folder that this user can make.',
  operation: 'output',
} as const

function notEmpty(folder: string): BackupError {
  return new BackupError('conflict', `${folder} is not empty`, {
    suggestion: 'Give a new or empty folder.',
  })
}

/**
 * Writes a file so that it is there whole or not at all, replacing the one that was there, also behind a link. What is no
 * file, such as `/dev/stdout` or a pipe, is written to and stays what it is.
 *
 * @throws BackupError `permission_denied`, `no_space`, `conflict`, `unavailable` or `invalid_options`, by cause.
 */
export async function writeWhole(path: string, content: string, mode?: number): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there !== undefined && !there.isFile()) {
    await writeFile(path, content).catch((cause: unknown) => {
      throw cannotWrite(path, cause)
    })
    return
  }
  const place = there === undefined ? path : await realpath(path)
  const unfinished = `${place}.${randomUUID()}.tmp`
  try {
    await writeSynced(unfinished, content, mode)
    await rename(unfinished, place)
  } catch (cause) {
    await rm(unfinished, { force: true })
    throw cannotWrite(path, cause)
  }
}

/**
 * Writes a new file that only its owner may read. It is on disk then; nothing of it stays if that fails.
 *
 * @throws BackupError `conflict` if it is there; otherwise as {@link writeWhole}.
 */
export async function writeNew(path: string, content: string): Promise<void> {
  try {
    await writeSynced(path, content, 0o600)
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST')
      throw new BackupError('conflict', `The file ${path} already exists`, { cause })
    throw cannotWrite(path, cause)
  }
}

/** Writes a file that is not there yet, and removes it if it cannot be written to its end. */
async function writeSynced(path: string, content: string, mode: number | undefined): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

/** The error of a file that could not be written. */
export function cannotWrite(path: string, cause: unknown): unknown {
  const failure = { what: `Cannot write ${path}`, path, operation: 'output' } as const
  return systemError(cause, failure, {
    ENOENT: { code: 'invalid_options', says: 'its folder does not exist' },
  })
}
