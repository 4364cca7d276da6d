import type { Call, Driver, ObjectInfo } from './driver.js'
import type { Operation } from './error-table.js'
import { BackupError, isBackupError } from './errors.js'
import { abortable, untilAborted } from './streams/abortable.js'

/** S3's own limit, and room below the 4,096 bytes of a POSIX path. */
const longestKey = 1024

/**
 * Wraps any driver, ours or a stranger's, so that the rest of core can trust it: keys are checked, every call
 * ends when the signal says so, a body that is silent can be aborted, unknown failures become `BackupError`s
 * that name the driver and the key, and a `put` that stored another number of bytes than it was given fails.
 */
export function guard(driver: Driver): Driver {
  const failed = (error: unknown, call: Call, operation: Operation, key: string): unknown => {
    if (call.signal.aborted) return call.signal.reason
    if (isBackupError(error))
      return error.with({ operation, driver: error.driver ?? driver.name, metadata: { key } })
    const message = error instanceof Error ? error.message : String(error)
    return new BackupError('internal', `${driver.name}: ${message}`, {
      operation,
      driver: driver.name,
      metadata: { key },
      cause: error,
    })
  }

  return {
    name: driver.name,
    ...(driver.capabilities === undefined ? {} : { capabilities: driver.capabilities }),

    async put(key, body, call) {
      checkKey(key)
      let read = 0
      let broken: { readonly error: unknown } | undefined
      const watched = async function* () {
        try {
          for await (const chunk of abortable(body, call.signal)) {
            read += chunk.byteLength
            yield chunk
          }
        } catch (error) {
          broken = { error }
          throw error
        }
      }
      const stored = await driver.put(key, watched(), call).catch((error: unknown) => {
        // The body's own failure is not the storage's; it goes back to whoever gave the body.
        throw broken === undefined ? failed(error, call, 'upload', key) : broken.error
      })
      if (stored.bytes !== read) {
        throw failed(
          new BackupError('unavailable', `${key}: ${stored.bytes} of ${read} bytes were stored`),
          call,
          'upload',
          key,
        )
      }
      return stored
    },

    async *get(key, call) {
      checkKey(key)
      try {
        yield* abortable(driver.get(key, call), call.signal)
      } catch (error) {
        throw failed(error, call, 'download', key)
      }
    },

    async *list(prefix, call) {
      try {
        for await (const info of abortable(driver.list(prefix, call), call.signal))
          yield checkInfo(info, prefix, driver)
      } catch (error) {
        throw failed(error, call, 'list', prefix)
      }
    },

    async delete(key, call) {
      checkKey(key)
      await untilAborted(() => driver.delete(key, call), call.signal).catch((error: unknown) => {
        throw failed(error, call, 'delete', key)
      })
    },

    ...(driver.close === undefined ? {} : { close: () => driver.close?.() ?? Promise.resolve() }),
  }
}

function checkKey(key: string): void {
  const segments = key.split('/')
  const escapes = segments.some((segment) => segment === '' || segment === '.' || segment === '..')
  if (!escapes && Buffer.byteLength(key) <= longestKey && !/[\\\p{Cc}]/u.test(key)) return
  throw new BackupError('invalid_options', `Invalid object key ${JSON.stringify(key)}`, {
    operation: 'upload',
    metadata: { key },
  })
}

function checkInfo(info: ObjectInfo, prefix: string, driver: Driver): ObjectInfo {
  if (info.key.startsWith(prefix) && Number.isSafeInteger(info.bytes) && info.bytes >= 0) return info
  throw new BackupError(
    'internal',
    `The driver ${driver.name} listed ${JSON.stringify(info)} below "${prefix}"`,
  )
}
