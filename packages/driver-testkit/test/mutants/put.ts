import { setImmediate } from 'node:timers/promises'
import { BackupError, objectKinds } from '@s3db-backup/core'
import { gather, type Mutant, once } from './mutant.js'

export const putMutants: readonly Mutant[] = [
  {
    name: 'says it stored and did not',
    caughtBy: ['put-round-trip', 'put-seen-at-once'],
    spoil: () => ({ put: async (_key, body) => ({ bytes: (await gather(body)).byteLength }) }),
  },
  {
    name: 'does not store empty objects',
    caughtBy: ['put-empty'],
    spoil: (good) => ({
      async put(key, body, call) {
        const bytes = await gather(body)
        return bytes.byteLength === 0 ? { bytes: 0 } : good.put(key, once(bytes), call)
      },
    }),
  },
  {
    name: 'cuts to whole blocks',
    caughtBy: ['put-odd-sizes'],
    spoil: (good) => ({
      async put(key, body, call) {
        const bytes = await gather(body)
        const whole = bytes.byteLength > 4096 ? bytes.byteLength - (bytes.byteLength % 512) : bytes.byteLength
        await good.put(key, once(bytes.subarray(0, whole)), call)
        return { bytes: bytes.byteLength }
      },
    }),
  },
  {
    name: 'stores the whole buffer behind a chunk',
    caughtBy: ['put-uneven-chunks'],
    spoil: (good) => ({
      put: (key, body, call) =>
        good.put(
          key,
          (async function* () {
            for await (const chunk of body) yield new Uint8Array(chunk.buffer)
          })(),
          call,
        ),
    }),
  },
  {
    name: 'takes an empty chunk for the end',
    caughtBy: ['put-uneven-chunks'],
    spoil: (good) => ({
      put: (key, body, call) =>
        good.put(
          key,
          (async function* () {
            for await (const chunk of body) {
              if (chunk.byteLength === 0) return
              yield chunk
            }
          })(),
          call,
        ),
    }),
  },
  {
    name: 'returns the wrong byte count',
    caughtBy: ['put-counts-bytes'],
    spoil: (good) => ({
      put: async (key, body, call) => ({ bytes: (await good.put(key, body, call)).bytes + 1 }),
    }),
  },
  {
    name: 'shows an object while it grows, and keeps the torso',
    caughtBy: [
      'put-invisible',
      'put-body-error',
      'put-body-error-guarded',
      'put-abort-endless',
      'put-again-after-failure',
    ],
    spoil: (_good, objects) => ({
      async put(key, body, { signal }) {
        if (objects.has(key)) throw new BackupError('conflict', 'exists already')
        let stored = Buffer.alloc(0)
        for await (const chunk of body) {
          signal.throwIfAborted()
          stored = Buffer.concat([stored, chunk])
          objects.set(key, stored)
        }
        return { bytes: stored.byteLength }
      },
    }),
  },
  {
    name: 'resolves a little before the object is there',
    caughtBy: ['put-seen-at-once'],
    spoil: (good) => ({
      async put(key, body, call) {
        const bytes = await gather(body)
        void setImmediate().then(() => good.put(key, once(bytes), call))
        return { bytes: bytes.byteLength }
      },
    }),
  },
  {
    name: 'asks for two chunks at once',
    caughtBy: ['put-reads-once'],
    spoil: (good) => ({
      async put(key, body, call) {
        const iterator = body[Symbol.asyncIterator]()
        const chunks: Uint8Array[] = []
        for (let over = false; !over; ) {
          for (const step of await Promise.all([iterator.next(), iterator.next()])) {
            if (step.done === true) over = true
            else chunks.push(step.value)
          }
        }
        return good.put(key, once(Buffer.concat(chunks)), call)
      },
    }),
  },
  {
    name: 'begins the body a second time to count it',
    caughtBy: ['put-reads-once'],
    spoil: (good) => ({
      async put(key, body, call) {
        const stored = await good.put(key, body, call)
        await gather(body)
        return stored
      },
    }),
  },
  {
    name: 'loses everything beyond 1.5 MB',
    caughtBy: ['put-huge'],
    spoil: (good) => ({
      async put(key, body, call) {
        const bytes = await gather(body)
        await good.put(key, once(bytes.subarray(0, 1_500_000)), call)
        return { bytes: bytes.byteLength }
      },
    }),
  },
  {
    name: 'refuses a kind that it does not know',
    caughtBy: ['put-kinds'],
    spoil: (good) => ({
      async put(key, body, call) {
        if (!objectKinds.includes(call.kind)) throw new BackupError('unsupported', `what is a ${call.kind}?`)
        return good.put(key, body, call)
      },
    }),
  },
  {
    name: 'looks for an object only where those of its kind lie',
    caughtBy: ['put-kinds'],
    spoil: (good) => {
      const kinds = new Map<string, string>()
      return {
        put(key, body, call) {
          kinds.set(key, call.kind)
          return good.put(key, body, call)
        },
        async *get(key, call) {
          if (kinds.get(key) !== call.kind) throw new BackupError('not_found', `no ${call.kind} ${key}`)
          yield* good.get(key, call)
        },
      }
    },
  },
  {
    name: 'has room for one object that is no part',
    caughtBy: ['put-kinds'],
    spoil: (good, objects) => {
      const last = new Map<string, string>()
      return {
        put(key, body, call) {
          const before = call.kind === 'part' ? undefined : last.get('others')
          if (before !== undefined) objects.delete(before)
          last.set('others', key)
          return good.put(key, body, call)
        },
      }
    },
  },
]
