import { isBackupId } from './backup-id.js'
import { lastSegment } from './catalog-entry.js'
import type { Call, Driver } from './driver.js'
import { guard } from './guard.js'
import { fileKey, manifestFile, startedFile } from './layout.js'
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

/** What tells whether a directory holds a backup, and how much lies in it. */
interface Seen {
  noted: boolean
  finished: boolean
  files: number
  bytes: number
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
  const found: Unfinished[] = []
  for (const [directory, { noted, finished, files, bytes }] of await directories(driver, call)) {
    if (!noted || finished) continue
    const started = await readStarted(driver, directory, call)
    if (started?.id !== lastSegment(directory)) continue
    const { id, type, startedAt } = started
    found.push({ id, directory, type, startedAt, files, bytes })
  }
  return found.sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
}

async function directories(driver: Driver, call: Call): Promise<Map<string, Seen>> {
  const seen = new Map<string, Seen>()
  for await (const { key, bytes } of driver.list('', call)) {
    const directory = key.slice(0, Math.max(0, key.lastIndexOf('/')))
    if (!isBackupId(lastSegment(directory))) continue
    const entry = seen.get(directory) ?? { noted: false, finished: false, files: 0, bytes: 0 }
    entry.noted ||= key === fileKey(directory, startedFile)
    entry.finished ||= key === fileKey(directory, manifestFile)
    entry.files += 1
    entry.bytes += bytes
    seen.set(directory, entry)
  }
  return seen
}
