import { BackupError } from '../errors.js'
import type { Driver, GetCall } from '../ports/driver.js'

/**
 * Deletes an object that must not stay, and looks whether it is gone: a server that answers every deletion with success
 * would leave a backup that was reported as deleted, or one whose parent really is. Throws `unavailable` only if the object
 * can still be read; a failed look proves nothing.
 */
export async function deleteChecked(driver: Driver, key: string, call: GetCall): Promise<void> {
  await driver.delete(key, call)
  if (!(await isReadable(driver, key, call))) return
  throw new BackupError('unavailable', `${key} was deleted, and can still be read`, {
    operation: 'delete',
    driver: driver.name,
    suggestion:
      'Find out what keeps it: a retention rule, a cache, or a server that only says that it deletes. Then delete again.',
    metadata: { key },
  })
}

async function isReadable(driver: Driver, key: string, call: GetCall): Promise<boolean> {
  try {
    for await (const _ of driver.get(key, call)) return true
    return true
  } catch {
    call.signal.throwIfAborted()
    return false
  }
}
