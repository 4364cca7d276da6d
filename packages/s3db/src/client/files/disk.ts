import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Call } from '@s3db-backup/core'

/** Reads of one file system. Each resolves with `undefined` where there is no such file. */
export interface Disk {
  stat(path: string, call: Call): Promise<Stats | undefined>
  /** `bytes`: how large the file is expected to be, if that is known. */
  read(path: string, call: Call, bytes?: number): Promise<Buffer | undefined>
  entries(path: string, call: Call): Promise<Entry[] | undefined>
}

export interface Entry {
  readonly name: string
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

/** A file on a local disk is read in a tenth of the time that a promise about it takes. In ms. */
const slowCall = 0.4

/** So long, in ms, other work of the process waits at most for a row of quick reads. */
const longestTurn = 4

/** Files above this many bytes are never read at one go while everything else waits. */
const small = 256 * 1024

/** A process that has no file handle to spare is asked again this often, in ms between. */
const handleTries = 50
const handlePause = 20

/**
 * Reads a disk synchronously, in short turns, as long as it answers at once: each call through the thread pool would
 * cost several times as much as the read itself. A disk that does not (a network, an idle drive) is read
 * asynchronously, so that its calls wait side by side and nothing else waits for them.
 */
export function disk(now: () => number = () => performance.now()): Disk {
  let average = 0
  let turnBegan = now()

  const breathe = async () => {
    if (now() - turnBegan < longestTurn) return
    await setImmediate()
    turnBegan = now()
  }

  const timed = <T>(work: () => T): T => {
    const began = now()
    try {
      return work()
    } finally {
      average += (now() - began - average) / 32
    }
  }

  const quickOr = async <T>(quick: (() => T) | undefined, slow: () => Promise<T>, call: Call) => {
    for (let attempt = 1; ; attempt++) {
      call.signal.throwIfAborted()
      await breathe()
      try {
        return quick === undefined || average > slowCall ? await slow() : timed(quick)
      } catch (error) {
        const code = codeOf(error)
        if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
        if ((code !== 'EMFILE' && code !== 'ENFILE') || attempt === handleTries) throw error
        await setTimeout(handlePause, undefined, { signal: call.signal })
      }
    }
  }

  return {
    stat: (path, call) =>
      quickOr<Stats>(
        () => statSync(path),
        () => stat(path),
        call,
      ),
    read: (path, call, bytes = 0) =>
      quickOr(
        bytes > small ? undefined : () => readFileSync(path),
        () => readFile(path, { signal: call.signal }),
        call,
      ),
    entries: (path, call) =>
      quickOr<Entry[]>(
        () => readdirSync(path, { withFileTypes: true }),
        () => readdir(path, { withFileTypes: true }),
        call,
      ),
  }
}

/** What the system calls an error. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' ? code : undefined
}
