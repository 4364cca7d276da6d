import { isBackupError } from '../../errors.js'
import type { Call, Driver } from '../../ports/driver.js'
import { collect } from '../../streams/bytes.js'
import { longestManifest } from './seal.js'

/**
 * The bytes of the manifest that is stored under a key, unchecked. Throws `not_found` if there is none, and `corrupt` for
 * one that is larger than any manifest may be.
 */
export function storedManifest(driver: Driver, key: string, { signal }: Call): Promise<Uint8Array> {
  return collect(driver.get(key, { signal, kind: 'manifest' }), longestManifest, key)
}

/** The same; `undefined` if there is none. */
export async function storedManifestIfAny(
  driver: Driver,
  key: string,
  call: Call,
): Promise<Uint8Array | undefined> {
  try {
    return await storedManifest(driver, key, call)
  } catch (error) {
    if (isBackupError(error, 'not_found')) return undefined
    throw error
  }
}
