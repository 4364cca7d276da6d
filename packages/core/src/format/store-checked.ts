import { BackupError, isBackupError } from '../errors.js'
import type { Driver, PutCall } from '../ports/driver.js'
import { collect, once } from '../streams/bytes.js'

/**
 * Stores an object without which a backup is lost, and reads it back. Throws `corrupt` if that gives other bytes;
 * the object is still there then.
 */
export async function storeChecked(
  driver: Driver,
  key: string,
  bytes: Uint8Array,
  call: PutCall,
): Promise<void> {
  await driver.put(key, once(bytes), call)
  const stored = await collect(
    driver.get(key, { signal: call.signal, kind: call.kind }),
    bytes.byteLength,
    key,
  )
  if (Buffer.from(bytes).equals(stored)) return
  throw new BackupError('corrupt', `${key} was stored wrongly: what is read back differs`, {
    operation: 'upload',
    driver: driver.name,
    metadata: { key },
  })
}

/** As {@link storeChecked}, but what was stored wrongly goes again: it would stand in the way of the next attempt. */
export async function storeOrRemove(
  driver: Driver,
  key: string,
  bytes: Uint8Array,
  call: PutCall,
): Promise<void> {
  try {
    await storeChecked(driver, key, bytes, call)
  } catch (error) {
    if (isBackupError(error, 'corrupt')) await driver.delete(key, call)
    throw error
  }
}
