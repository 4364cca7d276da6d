import { BackupError } from '../src/errors.js'
import type { Driver, DriverCapabilities } from '../src/ports/driver.js'

/** One thing that a storage is asked to do. `stored` comes after an object was stored and before `put` says so. */
export interface Step {
  readonly operation: 'put' | 'stored' | 'get' | 'list' | 'delete'
  readonly key: string
}

export interface MemoryDriver extends Driver {
  readonly objects: Map<string, Uint8Array>
  /** Every step so far. */
  readonly steps: Step[]
}

/** A driver over a map. `onStep` is told of each step before it is taken; what it throws, the step throws. */
export function memoryDriver(
  options: {
    readonly objects?: Iterable<readonly [string, Uint8Array]>
    readonly capabilities?: DriverCapabilities
    readonly onStep?: (step: Step, index: number) => void | Promise<void>
  } = {},
): MemoryDriver {
  const objects = new Map(options.objects)
  const steps: Step[] = []
  const take = async (operation: Step['operation'], key: string) => {
    const step = { operation, key }
    steps.push(step)
    await options.onStep?.(step, steps.length - 1)
  }

  return {
    name: 'memory',
    objects,
    steps,
    ...(options.capabilities === undefined ? {} : { capabilities: options.capabilities }),
    async put(key, body, { signal }) {
      await take('put', key)
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(Buffer.from(chunk))
      signal.throwIfAborted()
      const bytes = Buffer.concat(chunks)
      const most = options.capabilities?.maxObjectBytes ?? Number.POSITIVE_INFINITY
      if (bytes.byteLength > most)
        throw new BackupError('unsupported', `${bytes.byteLength} bytes are too many`)
      objects.set(key, bytes)
      await take('stored', key)
      return { bytes: bytes.byteLength }
    },
    async *get(key, { offset = 0, length = Number.POSITIVE_INFINITY }) {
      await take('get', key)
      const bytes = objects.get(key)?.subarray(offset, offset + length)
      if (bytes === undefined) throw new BackupError('not_found', `${key} is not there`)
      for (let from = 0; from < bytes.byteLength; from += 1000) yield bytes.subarray(from, from + 1000)
    },
    async *list(prefix) {
      await take('list', prefix)
      for (const [key, bytes] of [...objects]) {
        if (key.startsWith(prefix)) yield { key, bytes: bytes.byteLength }
      }
    },
    async delete(key) {
      await take('delete', key)
      objects.delete(key)
    },
  }
}

/** The keys of what is stored, but for the notes that failed backups leave. */
export function leftIn({ objects }: Pick<MemoryDriver, 'objects'>): string[] {
  return [...objects.keys()].filter((key) => !key.endsWith('/failed.json'))
}
