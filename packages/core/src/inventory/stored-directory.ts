import { isBackupId } from '../format/backup-id.js'
import { directoryOf, failedFile, manifestFile, startedFile } from '../format/layout.js'
import type { Call, Driver, ObjectInfo } from '../ports/driver.js'
import { noteGeneration } from './deletion-note.js'
import { lastSegment } from './manifest-entry.js'

/** What a directory is for, by the names of its files: a manifest outranks the note of a deletion, this any other note. */
export type Holding = 'backup' | 'deleted' | 'attempt' | 'remains'

/** A directory that is named like a backup, as a listing shows it. */
export interface StoredDirectory {
  readonly id: string
  /** Relative to the driver's root. */
  readonly directory: string
  readonly holding: Holding
  /** Its direct contents. */
  readonly objects: readonly ObjectInfo[]
}

/** Every directory below a prefix that is named like a backup, from one listing. */
export async function listDirectories(
  driver: Driver,
  prefix: string,
  call: Call,
): Promise<StoredDirectory[]> {
  const found = new Map<string, ObjectInfo[]>()
  for await (const info of driver.list(prefix, call)) {
    const directory = directoryOf(info.key)
    if (!isBackupId(lastSegment(directory))) continue
    const objects = found.get(directory)
    if (objects === undefined) found.set(directory, [info])
    else objects.push(info)
  }
  return [...found].map(([directory, objects]) => ({
    id: lastSegment(directory),
    directory,
    holding: holdingOf(objects),
    objects,
  }))
}

/** The object of this name in a directory. */
export function objectNamed({ objects }: StoredDirectory, file: string): ObjectInfo | undefined {
  return objects.find(({ key }) => lastSegment(key) === file)
}

/** The number and size of the files in a directory. */
export function sizeOf({ objects }: Pick<StoredDirectory, 'objects'>): { files: number; bytes: number } {
  return { files: objects.length, bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function holdingOf(objects: readonly ObjectInfo[]): Holding {
  const files = objects.map(({ key }) => lastSegment(key))
  if (files.includes(manifestFile)) return 'backup'
  if (files.some((file) => noteGeneration(file) !== undefined)) return 'deleted'
  return files.includes(startedFile) || files.includes(failedFile) ? 'attempt' : 'remains'
}
