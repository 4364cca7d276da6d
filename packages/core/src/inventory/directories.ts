import { isBackupId } from '../format/backup-id.js'
import { directoryOf, failedFile, fileKey, manifestFile, startedFile } from '../format/layout.js'
import type { Call, Driver } from '../ports/driver.js'
import { lastSegment } from './catalog-entry.js'
import { noteGeneration } from './deletion-note.js'

/** What lies in a directory that is named like a backup. */
export interface Directory {
  /** Relative to the driver's root. */
  readonly path: string
  /** A note of a start is there. */
  readonly started: boolean
  /** A note of a failure is there. */
  readonly failed: boolean
  /** A manifest is there: this is a backup. */
  readonly finished: boolean
  /** A note of its deletion is there: it was one, and may be brought back. */
  readonly deleted: boolean
  readonly files: number
  /** Bytes they take. */
  readonly bytes: number
}

/** Every directory that is named like a backup, from one listing. */
export async function scanDirectories(driver: Driver, call: Call): Promise<Directory[]> {
  const seen = new Map<string, Directory>()
  for await (const { key, bytes } of driver.list('', call)) {
    const path = directoryOf(key)
    if (!isBackupId(lastSegment(path))) continue
    const known = seen.get(path) ?? nothing(path)
    seen.set(path, {
      path,
      started: known.started || key === fileKey(path, startedFile),
      failed: known.failed || key === fileKey(path, failedFile),
      finished: known.finished || key === fileKey(path, manifestFile),
      deleted: known.deleted || noteGeneration(lastSegment(key)) !== undefined,
      files: known.files + 1,
      bytes: known.bytes + bytes,
    })
  }
  return [...seen.values()]
}

function nothing(path: string): Directory {
  return { path, started: false, failed: false, finished: false, deleted: false, files: 0, bytes: 0 }
}
