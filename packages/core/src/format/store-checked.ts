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
  await checkStored(driver, key, bytes, call)
}

/**
 * Like {@link storeChecked}, but removes an object that was stored wrongly, which would block the next attempt. Only an
 * accepted object is removed: if the storage refused it, the object under the key is another's.
 */
export async function storeOrRemove(
  driver: Driver,
  key: string,
  bytes: Uint8Array,
  call: PutCall,
): Promise<void> {
  await driver.put(key, once(bytes), call)
  try {
    await checkStored(driver, key, bytes, call)
  } catch (error) {
    if (isBackupError(error, 'corrupt')) await driver.delete(key, call)
    throw error
  }
}

async function checkStored(
  driver: Driver,
  key: string,
  bytes: Uint8Array,
  { signal, kind }: PutCall,
): Promise<void> {
  const stored = await collect(driver.get(key, { signal, kind }), bytes.byteLength, key)
  if (Buffer.from(bytes).equals(stored)) return
  throw new BackupError('corrupt', `${key} was stored incorrectly: the bytes read back differ`, {
    operation: 'upload',
    driver: driver.name,
    metadata: { key },
  })
}
