import { BackupError } from '@s3db-backup/core'
import type { Mutant } from './mutant.js'

export const getMutants: readonly Mutant[] = [
  {
    name: 'yields nothing for a missing key',
    caughtBy: ['get-missing', 'get-missing-guarded', 'delete-removes', 'get-whole-keys'],
    spoil: (good, objects) => ({
      async *get(key, call) {
        if (objects.has(key)) yield* good.get(key, call)
      },
    }),
  },
  {
    name: 'names a missing key as a plain Error',
    caughtBy: ['get-missing', 'get-missing-guarded'],
    spoil: (good, objects) => ({
      async *get(key, call) {
        if (!objects.has(key)) throw Object.assign(new Error('ENOENT'), { code: 'not_found' })
        yield* good.get(key, call)
      },
    }),
  },
  {
    name: 'throws from the call itself',
    caughtBy: ['get-missing'],
    spoil: (good, objects) => ({
      get(key, call) {
        if (!objects.has(key)) throw new BackupError('not_found', 'too early')
        return good.get(key, call)
      },
    }),
  },
  {
    name: 'takes the first key that begins alike',
    caughtBy: ['get-whole-keys'],
    spoil: (good, objects) => ({
      get: (key, call) => good.get([...objects.keys()].find((each) => each.startsWith(key)) ?? key, call),
    }),
  },
  {
    name: 'shares the position between readers',
    caughtBy: ['get-twice'],
    spoil: (good) => {
      const open = new Map<string, AsyncIterator<Uint8Array>>()
      return {
        async *get(key, call) {
          const shared = open.get(key) ?? good.get(key, call)[Symbol.asyncIterator]()
          open.set(key, shared)
          try {
            for (let step = await shared.next(); step.done !== true; step = await shared.next())
              yield step.value
          } finally {
            open.delete(key)
          }
        },
      }
    },
  },
  {
    name: 'hands out one buffer again and again',
    caughtBy: ['put-round-trip', 'get-twice'],
    spoil: (good) => {
      const buffer = Buffer.alloc(64 * 1024)
      return {
        async *get(key, call) {
          for await (const chunk of good.get(key, call)) {
            buffer.set(chunk)
            yield buffer.subarray(0, chunk.byteLength)
          }
        },
      }
    },
  },
  {
    name: 'cannot be read again after a reader stopped',
    caughtBy: ['get-stop-early'],
    spoil: (good, objects) => ({
      async *get(key, call) {
        let whole = false
        try {
          yield* good.get(key, call)
          whole = true
        } finally {
          if (!whole) objects.delete(key)
        }
      },
    }),
  },
  {
    name: 'reads the next chunk into the same memory before this one is used',
    caughtBy: ['get-reuse'],
    spoil: (good) => ({
      async *get(key, { reuse = false, ...call }) {
        const memory = new Uint8Array(64 * 1024)
        let before: Uint8Array | undefined
        for await (const chunk of good.get(key, call)) {
          if (reuse) memory.set(chunk)
          if (before !== undefined) yield before
          before = reuse ? memory.subarray(0, chunk.byteLength) : chunk
        }
        if (before !== undefined) yield before
      },
    }),
  },
  {
    name: 'declares range and reads from the start',
    caughtBy: ['get-offset'],
    spoil: (good) => ({ get: (key, { kind, length, signal }) => good.get(key, { kind, length, signal }) }),
  },
  {
    name: 'declares range and reads to the end',
    caughtBy: ['get-length'],
    spoil: (good) => ({ get: (key, { length: _, ...call }) => good.get(key, call) }),
  },
  {
    name: 'takes the length for the position of the end',
    caughtBy: ['get-length'],
    spoil: (good) => ({
      get: (key, call) => {
        const { offset = 0, length } = call
        return good.get(key, {
          ...call,
          length: length === undefined ? undefined : Math.max(0, length - offset),
        })
      },
    }),
  },
  {
    name: 'counts the last byte twice, as ranges of HTTP do',
    caughtBy: ['get-length'],
    spoil: (good) => ({
      get: (key, call) =>
        good.get(key, { ...call, length: call.length === undefined ? undefined : call.length + 1 }),
    }),
  },
  {
    name: 'fails if there are fewer bytes than asked for',
    caughtBy: ['get-length'],
    spoil: (good, objects) => ({
      async *get(key, call) {
        const { offset = 0, length = 0 } = call
        if (offset + length > (objects.get(key)?.byteLength ?? 0) && length > 0)
          throw new BackupError('unavailable', 'the object ends early')
        yield* good.get(key, call)
      },
    }),
  },
  {
    name: 'is off by one in its offsets',
    caughtBy: ['get-offset'],
    spoil: (good) => ({
      get: (key, call) =>
        good.get(key, {
          ...call,
          offset: call.offset === undefined || call.offset === 0 ? 0 : call.offset - 1,
        }),
    }),
  },
]
