import { openCatalog } from './catalog.js'
import type { Call, Driver } from './driver.js'
import { guard } from './guard.js'
import { fileKey, manifestFile } from './layout.js'

/** What was removed. */
export interface RemoveReport {
  readonly id: string
  /** Objects removed. */
  readonly files: number
  /** Bytes they took. */
  readonly bytes: number
}

/**
 * Removes a backup: the manifest first, so that a removal that breaks off leaves no backup that seems whole,
 * then everything beside it. Throws `not_found`. Interrupted, it can be run again.
 */
export async function remove(options: {
  driver: Driver
  id: string
  signal?: AbortSignal
}): Promise<RemoveReport> {
  const call: Call = { signal: options.signal ?? new AbortController().signal }
  const driver = guard(options.driver)
  const entry = await openCatalog(driver).get(options.id, { ...call, operation: 'delete' })
  await driver.delete(fileKey(entry.directory, manifestFile), call)
  return { id: entry.id, ...(await removeDirectory(driver, entry.directory, call)) }
}

/** Removes every object below a backup's directory. */
export async function removeDirectory(
  driver: Driver,
  directory: string,
  call: Call,
): Promise<{ files: number; bytes: number }> {
  let files = 0
  let bytes = 0
  for await (const info of driver.list(`${directory}/`, call)) {
    await driver.delete(info.key, call)
    files += 1
    bytes += info.bytes
  }
  return { files, bytes }
}
