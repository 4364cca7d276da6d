import { isBackupError } from '../errors.js'
import { longestManifest } from '../format/manifest/seal.js'
import { storedManifest } from '../format/manifest/stored-manifest.js'
import { sha256 } from '../format/sha256.js'
import type { Call, Driver } from '../ports/driver.js'
import { collect, once } from '../streams/bytes.js'

/**
 * The fate of a commit's manifest. `taken`: the storage stored it, and had none before. `refused`: there was one.
 * `unknown`: it did not answer; it may have it, may get it yet, or may have that of another coordinator.
 */
export type Fate = 'not begun' | 'taken' | 'refused' | 'unknown'

/** The manifest that a commit stores, distinguished from those of other coordinators. */
export interface OwnManifest {
  /** Stores as the driver does, and remembers what became of the manifest. */
  readonly driver: Driver
  fate(): Fate
  /** SHA-256 of its bytes. */
  digest(): string
  /** Whether the stored manifest has exactly these bytes. */
  isStored(call: Call): Promise<boolean>
}

export function ownManifest(driver: Driver, key: string): OwnManifest {
  let fate: Fate = 'not begun'
  let bytes: Uint8Array = Buffer.alloc(0)
  return {
    driver: {
      ...driver,
      async put(each, body, call) {
        if (each !== key) return driver.put(each, body, call)
        bytes = await collect(body, longestManifest, key)
        try {
          fate = 'unknown'
          const stored = await driver.put(key, once(bytes), call)
          fate = 'taken'
          return stored
        } catch (error) {
          if (isBackupError(error, 'conflict')) fate = 'refused'
          throw error
        }
      },
    },
    fate: () => fate,
    digest: () => sha256(bytes),
    async isStored(call) {
      return storedManifest(driver, key, call).then(
        (found) => Buffer.from(bytes).equals(found),
        (error: unknown) => {
          if (isBackupError(error, 'not_found') || isBackupError(error, 'corrupt')) return false
          throw error
        },
      )
    },
  }
}
