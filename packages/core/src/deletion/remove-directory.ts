import { manifestFile, planFile, startedFile } from '../format/layout.js'
import { countsForSize } from '../format/manifest/stored-size.js'
import { noteGeneration } from '../inventory/deletion-note.js'
import { lastSegment } from '../inventory/manifest-entry.js'
import type { Call, Driver, ObjectInfo } from '../ports/driver.js'

/** How much there was. */
export interface Removed {
  /** Objects. */
  readonly files: number
  /** Bytes they took. */
  readonly bytes: number
}

/**
 * Removes every object directly in a backup's directory: the manifest first, so that it is no longer a backup; its plan
 * and the notes of its start and its deletion last, so that the leftovers of an interruption are found again.
 */
export async function removeDirectory(driver: Driver, directory: string, call: Call): Promise<Removed> {
  const objects = await objectsIn(driver, directory, call)
  for (const { key } of objects.sort((a, b) => turn(a) - turn(b))) await driver.delete(key, call)
  return sizeOf(objects)
}

/**
 * Like {@link removeDirectory}, for a backup that processes may still be making. A worker that has stored a file checks
 * whether the plan still exists. If it does, the second look here finds the file; if not, the worker removes the file
 * itself.
 */
export async function removeBegun(driver: Driver, directory: string, call: Call): Promise<Removed> {
  const first = await removeDirectory(driver, directory, call)
  const second = await removeDirectory(driver, directory, call)
  return { files: first.files + second.files, bytes: first.bytes + second.bytes }
}

/** How many objects lie in a backup's directory, and its size as lists tell it: notes are not counted. */
export async function measureDirectory(driver: Driver, directory: string, call: Call): Promise<Removed> {
  const objects = await objectsIn(driver, directory, call)
  const counted = objects.filter(({ key }) => {
    const file = lastSegment(key)
    return countsForSize(file) && noteGeneration(file) === undefined
  })
  return { ...sizeOf(counted), files: objects.length }
}

async function objectsIn(driver: Driver, directory: string, call: Call): Promise<ObjectInfo[]> {
  const objects: ObjectInfo[] = []
  for await (const info of driver.list(`${directory}/`, call)) {
    // Backups contain no directories. If there is one, somebody else put it there.
    if (!info.key.slice(directory.length + 1).includes('/')) objects.push(info)
  }
  return objects
}

function turn({ key }: ObjectInfo): number {
  const file = lastSegment(key)
  if (file === manifestFile) return 0
  if (file === planFile) return 2
  if (file === startedFile) return 3
  return noteGeneration(file) === undefined ? 1 : 4
}

function sizeOf(objects: readonly ObjectInfo[]): Removed {
  return { files: objects.length, bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) }
}
