import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip, type Gzip } from 'node:zlib'
import { BackupError } from '@s3db-backup/core'

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
  try {
    // The content may have been encrypted in the backup, so nobody else may read it.
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if ((await readdir(folder)).length > 0) throw notEmpty(folder)
  } catch (error) {
    throw error instanceof BackupError ? error : cannotWrite(folder, error)
  }
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

function notEmpty(folder: string): BackupError {
  return new BackupError('conflict', `${folder} is not empty`, {
    suggestion: 'Give a new or empty folder.',
  })
}

/**
 * Writes a file so that it is there whole or not at all, replacing the one that was there, also behind a link. What is no
 * file, such as `/dev/stdout` or a pipe, is written to and stays what it is.
 *
 * @throws BackupError `permission_denied`, `no_space` or `invalid_options`, by cause.
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
    const file = await open(unfinished, 'wx', mode)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, place)
  } catch (cause) {
    await rm(unfinished, { force: true })
    throw cannotWrite(path, cause)
  }
}

/**
 * Writes a new file that only its owner may read.
 *
 * @throws BackupError `conflict` if it is there; otherwise as {@link writeWhole}.
 */
export async function writeNew(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw new BackupError('conflict', `The file ${path} already exists`, { cause })
    throw cannotWrite(path, cause)
  }
}

/** The error of a file that could not be written. */
export function cannotWrite(path: string, cause: unknown): BackupError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  const kind = ['EACCES', 'EPERM', 'EROFS'].includes(code)
    ? 'permission_denied'
    : ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)
      ? 'no_space'
      : 'invalid_options'
  return new BackupError(kind, `Cannot write ${path} (${code})`, { cause })
}
