import { findBackup, missingBackup } from './catalog.js'
import { isMadeId, lastSegment } from './catalog-entry.js'
import type { Call, Driver, ObjectInfo } from './driver.js'
import { guard } from './guard.js'
import { manifestFile } from './layout.js'

/** What was removed. */
export interface RemoveReport {
  readonly id: string
  /** Objects removed. */
  readonly files: number
  /** Bytes they took. */
  readonly bytes: number
}

/**
 * Removes a backup, damaged or not: the manifest first, so that a removal that breaks off leaves no backup that
 * seems whole, then everything beside it. Throws `not_found` if there is nothing, `conflict` if two
 * directories hold a backup of this id.
 *
 * Interrupted, it can be run again: without a manifest it removes what is left in the backup's directory. Only
 * for ids that were made by {@link backup}, though: what lies in a directory of another name may be anything,
 * and without a manifest nothing tells that it is ours.
 */
export async function remove(options: {
  driver: Driver
  id: string
  signal?: AbortSignal
}): Promise<RemoveReport> {
  const { id, signal = new AbortController().signal } = options
  const driver = guard(options.driver)
  const entry = await findBackup(driver, id, { signal, operation: 'delete' })
  const directory = entry?.directory ?? (await leftoverDirectory(driver, id, { signal }))
  if (directory === undefined) throw missingBackup(id, 'delete')
  return { id, ...(await removeDirectory(driver, directory, { signal })) }
}

/** Removes every object that lies directly in a backup's directory, the manifest first. */
export async function removeDirectory(
  driver: Driver,
  directory: string,
  call: Call,
): Promise<{ files: number; bytes: number }> {
  const objects: ObjectInfo[] = []
  for await (const info of driver.list(`${directory}/`, call)) {
    // Backups have no directories inside. If there is one, somebody else has put it there.
    if (!info.key.slice(directory.length + 1).includes('/')) objects.push(info)
  }
  const manifestFirst = objects.sort((a, b) => Number(isManifest(b)) - Number(isManifest(a)))
  for (const { key } of manifestFirst) await driver.delete(key, call)
  return { files: objects.length, bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function isManifest({ key }: ObjectInfo): boolean {
  return lastSegment(key) === manifestFile
}

async function leftoverDirectory(driver: Driver, id: string, call: Call): Promise<string | undefined> {
  if (!isMadeId(id)) return undefined
  for await (const { key } of driver.list('', call)) {
    const directory = key.slice(0, Math.max(0, key.lastIndexOf('/')))
    if (lastSegment(directory) === id) return directory
  }
  return undefined
}
