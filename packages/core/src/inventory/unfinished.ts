import type { Call, Driver } from '../ports/driver.js'
import { guard } from '../ports/guard.js'
import { lastSegment } from './catalog-entry.js'
import { type Directory, scanDirectories } from './directories.js'
import { readStarted } from './started.js'

/** A directory that a backup was begun in and that has no manifest: one under way, or one that died. */
export interface Unfinished {
  readonly id: string
  /** Relative to the driver's root. */
  readonly directory: string
  readonly type: string
  /** ISO 8601, UTC, by the clock of the process that began it. */
  readonly startedAt: string
  /** Objects so far. */
  readonly files: number
  /** Bytes they take. */
  readonly bytes: number
}

/**
 * The backups that were begun and have no manifest, oldest first, from one listing. Whether one is still under
 * way nobody but its writer knows; its age tells the rest. Writes nothing.
 */
export async function unfinished(options: {
  readonly driver: Driver
  readonly signal?: AbortSignal
}): Promise<Unfinished[]> {
  const call: Call = { signal: options.signal ?? new AbortController().signal }
  const driver = guard(options.driver)
  return unfinishedIn(driver, await scanDirectories(driver, call), call)
}

/** Those of them that hold a note of a start, and neither a manifest nor a note of a deletion. */
export async function unfinishedIn(
  driver: Driver,
  directories: readonly Directory[],
  call: Call,
): Promise<Unfinished[]> {
  const found: Unfinished[] = []
  for (const { path, started, finished, deleted, files, bytes } of directories) {
    if (!started || finished || deleted) continue
    const note = await readStarted(driver, path, call)
    if (note?.id !== lastSegment(path)) continue
    const { id, type, startedAt } = note
    found.push({ id, directory: path, type, startedAt, files, bytes })
  }
  return found.sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
}
