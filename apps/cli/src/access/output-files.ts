import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip, type Gzip } from 'node:zlib'
import { BackupError } from '@s3db-backup/core'
import { cannotWrite } from './write-whole.js'

/** Files of JSON lines in a folder, each begun when its first lines come. */
export interface LineFiles {
  write(name: string, lines: readonly unknown[]): Promise<void>
  /** Ends all files, and throws what went wrong with any of them. */
  close(): Promise<void>
}

/**
 * Opens a folder that is new or empty for `<name>.jsonl.gz` files.
 *
 * @throws BackupError `conflict` if there is something in the folder; what the file system says.
 */
export async function lineFiles(folder: string): Promise<LineFiles> {
  try {
    await mkdir(folder, { recursive: true })
    if ((await readdir(folder)).length > 0) throw notEmpty(folder)
  } catch (error) {
    throw error instanceof BackupError ? error : cannotWrite(folder, error)
  }
  const open = new Map<string, { readonly gzip: Gzip; readonly done: Promise<void> }>()
  const begin = (name: string) => {
    const path = join(folder, `${encodeURIComponent(name)}.jsonl.gz`)
    const gzip = createGzip()
    const done = pipeline(gzip, createWriteStream(path, { flags: 'wx' })).catch((error: unknown) => {
      throw cannotWrite(path, error)
    })
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
  return new BackupError('conflict', `There is something in ${folder} already`, {
    suggestion: 'Give a folder that is new or empty.',
  })
}
