import { abortable, BackupError, type Call, type Driver, type Operation } from '@s3db-backup/core'

/** A driver that forgets everything when the process ends. */
export interface MemoryDriver extends Driver {
  /** What is stored, by key. */
  readonly objects: ReadonlyMap<string, Uint8Array>
}

/** How a {@link memory} driver presents itself. */
export interface MemoryOptions {
  /** Its name in messages. Default `memory`. */
  readonly name?: string | undefined
  /** Whether it declares and honours `range`. Default `true`. */
  readonly range?: boolean | undefined
  /** Its own time. Default: this machine's. `false`: it has none. */
  readonly clock?: (() => Date) | false | undefined
  /** The largest object it takes, in bytes. Larger ones are refused with `no_space`. Unlimited if left out. */
  readonly maxObjectBytes?: number | undefined
}

/** The size of the chunks that `get` yields, in bytes. */
const chunkBytes = 64 * 1024

/**
 * Keeps objects in memory and meets the contract. Like all our drivers it never writes over what is stored: `put` of
 * a key that exists rejects with `conflict`.
 *
 * @example
 * ```ts
 * import { openCatalog } from '@s3db-backup/core'
 * import { memory } from '@s3db-backup/driver-testkit'
 *
 * const driver = memory()
 * const catalog = openCatalog(driver)
 * console.log(driver.objects.size)
 * ```
 */
export function memory(options: MemoryOptions = {}): MemoryDriver {
  return memoryIn(new Map(), options)
}

/** The same with a map of the caller's, who can then spoil it. */
export function memoryIn(objects: Map<string, Uint8Array>, options: MemoryOptions = {}): MemoryDriver {
  const { name = 'memory', range = true, maxObjectBytes = Number.POSITIVE_INFINITY } = options
  const { clock = () => new Date() } = options
  const stampOf = stamps()
  const limit = Number.isFinite(maxObjectBytes) ? { maxObjectBytes } : {}
  const problem = (
    code: 'conflict' | 'no_space' | 'not_found',
    says: string,
    key: string,
    operation: Operation,
  ) => new BackupError(code, `${name}: ${key} ${says}`, { operation, driver: name, metadata: { key } })

  return {
    name,
    objects,
    capabilities: { range, ...limit },

    async put(key, body, { signal }) {
      const chunks: Uint8Array[] = []
      let bytes = 0
      for await (const chunk of abortable(body, signal)) {
        bytes += chunk.byteLength
        if (bytes > maxObjectBytes)
          throw problem('no_space', `is larger than ${maxObjectBytes} bytes`, key, 'upload')
        chunks.push(Uint8Array.from(chunk))
      }
      signal.throwIfAborted()
      if (objects.has(key)) throw problem('conflict', 'exists already', key, 'upload')
      objects.set(key, Buffer.concat(chunks, bytes))
      return { bytes }
    },

    async *get(key, { signal, offset = 0, length = Number.POSITIVE_INFINITY, reuse = false }) {
      signal.throwIfAborted()
      const bytes = objects.get(key)
      if (bytes === undefined) throw problem('not_found', 'does not exist', key, 'download')
      const memory = new Uint8Array(reuse ? chunkBytes : 0)
      const end = range ? Math.min(bytes.byteLength, offset + length) : bytes.byteLength
      for (let position = range ? offset : 0; position < end; position += chunkBytes) {
        const chunk = bytes.subarray(position, Math.min(position + chunkBytes, end))
        const copy = reuse ? memory.subarray(0, chunk.byteLength) : new Uint8Array(chunk.byteLength)
        copy.set(chunk)
        yield copy
        signal.throwIfAborted()
      }
    },

    async *list(prefix, { signal }) {
      signal.throwIfAborted()
      for (const [key, bytes] of [...objects]) {
        if (!key.startsWith(prefix)) continue
        yield { key, bytes: bytes.byteLength, stamp: stampOf(bytes) }
        signal.throwIfAborted()
      }
    },

    async delete(key, { signal }) {
      signal.throwIfAborted()
      objects.delete(key)
    },

    ...(clock === false
      ? {}
      : {
          async clock({ signal }: Call) {
            signal.throwIfAborted()
            return clock()
          },
        }),
  }
}

/** A number for each body that was ever stored. */
function stamps(): (bytes: Uint8Array) => string {
  const known = new WeakMap<Uint8Array, string>()
  let last = 0
  return (bytes) => {
    const stamp = known.get(bytes) ?? String(++last)
    known.set(bytes, stamp)
    return stamp
  }
}
