import { type Call, type Driver, isBackupError } from '@s3db-backup/core'

/** A driver, and what one backup's use of it has shown. */
export interface Watched {
  readonly driver: Driver
  /** Whether the storage itself failed: not the body, not an abort, not the absence of an object. */
  failed(): boolean
  /** The amount that is stored through this and still there. */
  held(): { readonly bytes: number; readonly files: number }
}

/**
 * Passes everything on and notes whether the storage failed. Failed deletes are not noted: a backup deletes only
 * after it has failed for another reason.
 */
export function watched(driver: Driver): Watched {
  const objects = new Map<string, number>()
  let failed = false

  async function* noting<T>(
    items: AsyncIterable<T>,
    { signal }: Call,
    isAbsence: (error: unknown) => boolean,
  ): AsyncGenerator<T> {
    try {
      yield* items
    } catch (error) {
      if (!signal.aborted && !isAbsence(error)) failed = true
      throw error
    }
  }

  return {
    failed: () => failed,
    held: () => ({
      bytes: [...objects.values()].reduce((sum, bytes) => sum + bytes, 0),
      files: objects.size,
    }),
    driver: {
      ...driver,
      async put(key, body, call) {
        let broken = false
        const passing = async function* () {
          try {
            yield* body
          } catch (error) {
            broken = true
            throw error
          }
        }
        try {
          const stored = await driver.put(key, passing(), call)
          objects.set(key, stored.bytes)
          return stored
        } catch (error) {
          if (!broken && !call.signal.aborted) failed = true
          throw error
        }
      },
      get: (key, call) => noting(driver.get(key, call), call, (error) => isBackupError(error, 'not_found')),
      // An empty destination lists nothing; "not found" means that the destination itself, such as a bucket, is
      // missing.
      list: (prefix, call) => noting(driver.list(prefix, call), call, () => false),
      async delete(key, call) {
        await driver.delete(key, call)
        objects.delete(key)
      },
    },
  }
}
