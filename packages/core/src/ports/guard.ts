import type { Operation } from '../error-table.js'
import { BackupError, isBackupError } from '../errors.js'
import { abortable, untilAborted, untilCleanedUp } from '../streams/abortable.js'
import type { Call, Driver } from './driver.js'
import { checkInfo, checkKey, checkKind, checkLength, checkRange, checkTime } from './guard-checks.js'

/** How long a driver may take after an abort to remove what it has of an object, in ms. */
const cleanUpGrace = 1000

const guarded = new WeakSet<Driver>()

/** One for each driver, so that what is remembered of it is remembered wherever it is guarded. */
const guardians = new WeakMap<Driver, Driver>()

/**
 * Wraps any driver, ours or a third party's, so that the rest of core can trust it: keys, kinds and ranges are checked,
 * every call ends on an abort, a silent body can be aborted, unknown failures become `BackupError`s that name the
 * driver and the key, and a `put` that did not store all of its body fails, whatever the driver says. A driver that is
 * guarded already is returned as it is.
 *
 * After an abort a `put` has one second to clean up; then it is left to itself.
 */
export function guard(driver: Driver): Driver {
  if (guarded.has(driver)) return driver
  const known = guardians.get(driver)
  if (known !== undefined) return known
  const guardian: Driver = {
    name: driver.name,
    ...(driver.capabilities === undefined ? {} : { capabilities: driver.capabilities }),

    async put(key, body, call) {
      checkKey(key, 'upload')
      checkKind(call.kind, key, 'upload')
      const watched = watchBody(body, call)
      try {
        const start = async () => driver.put(key, watched.body, call)
        const stored = await untilCleanedUp(start, call.signal, cleanUpGrace)
        watched.check(stored)
        return stored
      } catch (error) {
        watched.close()
        // A failure of the body is not the storage's; it goes back unchanged to the caller that gave the body.
        throw watched.failure() === undefined ? named(error, call, 'upload', key) : watched.failure()?.error
      }
    },

    async *get(key, call) {
      checkKey(key, 'download')
      checkKind(call.kind, key, 'download')
      checkRange(call, key, driver)
      try {
        const chunks = abortable(driver.get(key, call), call.signal)
        yield* call.length === undefined ? chunks : checkLength(chunks, call.length, driver)
      } catch (error) {
        throw named(error, call, 'download', key)
      }
    },

    async *list(prefix, call) {
      try {
        for await (const info of abortable(driver.list(prefix, call), call.signal)) {
          yield checkInfo(info, prefix, driver)
        }
      } catch (error) {
        throw named(error, call, 'list', prefix)
      }
    },

    async delete(key, call) {
      checkKey(key, 'delete')
      await untilAborted(() => driver.delete(key, call), call.signal).catch((error: unknown) => {
        throw named(error, call, 'delete', key)
      })
    },

    ...(driver.clock === undefined ? {} : { clock: askTime }),

    ...(driver.close === undefined ? {} : { close: async () => driver.close?.() }),
  }
  guarded.add(guardian)
  guardians.set(driver, guardian)
  return guardian

  async function askTime(call: Call): Promise<Date> {
    try {
      return checkTime(await untilAborted(async () => driver.clock?.(call), call.signal), driver)
    } catch (error) {
      throw named(error, call, 'status')
    }
  }

  function named(error: unknown, call: Call, operation: Operation, key?: string): unknown {
    if (call.signal.aborted) return call.signal.reason
    const known = { operation, driver: driver.name, metadata: key === undefined ? {} : { key } }
    if (isBackupError(error)) return error.with({ ...known, driver: error.driver ?? driver.name })
    const message = error instanceof Error ? error.message : String(error)
    return new BackupError('internal', `${driver.name}: ${message}`, { ...known, cause: error })
  }
}

/** A body that can be aborted while it is silent, and that knows what became of it. */
function watchBody(source: AsyncIterable<Uint8Array>, { signal }: Call) {
  let bytes = 0
  let ended = false
  let failure: { readonly error: unknown } | undefined

  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of abortable(source, signal)) {
        bytes += chunk.byteLength
        yield chunk
      }
      ended = true
    } catch (error) {
      failure = { error }
      throw error
    }
  }

  const body = read()
  return {
    body,
    failure: () => failure,
    /** Lets go of the source. Not awaited: a driver that is stuck may still be waiting for a chunk. */
    close() {
      body.return(undefined).catch(() => undefined)
    },
    check(stored: { readonly bytes: number }) {
      if (failure !== undefined) throw failure.error
      if (!ended)
        throw new BackupError(
          'internal',
          `The driver says that it stored the object, but did not read it to the end`,
        )
      if (stored.bytes === bytes) return
      throw new BackupError('unavailable', `${stored.bytes} of ${bytes} bytes were stored`)
    },
  }
}
