import { BackupError, type Driver, type ErrorCode } from '@s3db-backup/core'
import { untilAborted } from '@s3db-backup/core/internal'

/** A storage that refuses every call, without reading a byte of a body. */
export function down(code: ErrorCode = 'unavailable', name = 'down'): Driver {
  const refuse = () => new BackupError(code, `${name} is down`, { driver: name })
  const refusing = async function* () {
    yield* []
    throw refuse()
  }
  return {
    name,
    put: () => Promise.reject(refuse()),
    get: refusing,
    list: refusing,
    delete: () => Promise.reject(refuse()),
  }
}

/** A storage that takes the notes of starts, and refuses every other body without reading a byte of it. */
export function refusing(driver: Driver): Driver {
  return {
    ...driver,
    async put(key, body, call) {
      if (key.endsWith('/started.json')) return driver.put(key, body, call)
      throw new BackupError('unavailable', `${driver.name} takes no more`)
    },
  }
}

/** A storage whose uploads read `chunks` chunks and then hang until they are aborted. */
export function stalled(driver: Driver, chunks: number, onStall: () => void = () => undefined): Driver {
  return {
    ...driver,
    async put(_key, body, { signal }) {
      const iterator = body[Symbol.asyncIterator]()
      for (let read = 0; read < chunks; read++) await iterator.next()
      onStall()
      return untilAborted(() => new Promise<never>(() => undefined), signal)
    },
  }
}

/** A storage that breaks off each read after `bytes` bytes: with an error, or as if that were the end. */
export function cutting(driver: Driver, bytes: number, how: 'error' | 'end'): Driver {
  return {
    ...driver,
    async *get(key, call) {
      let left = bytes
      for await (const chunk of driver.get(key, call)) {
        if (left > 0) yield chunk.subarray(0, left)
        left -= chunk.byteLength
        if (left <= 0) break
      }
      if (how === 'error') throw new BackupError('unavailable', 'The connection was lost')
    },
  }
}

/** A storage that yields its objects in pieces of some bytes. */
export function inPieces(driver: Driver, bytes: number): Driver {
  return {
    ...driver,
    async *get(key, call) {
      for await (const chunk of driver.get(key, call)) {
        for (let from = 0; from < chunk.byteLength; from += bytes) yield chunk.subarray(from, from + bytes)
      }
    },
  }
}
