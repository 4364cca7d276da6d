import { setImmediate } from 'node:timers/promises'
import { abortable } from '@s3db-backup/core'
import { deaf, type Mutant } from './mutant.js'

export const abortMutants: readonly Mutant[] = [
  {
    name: 'puts on whatever the signal says',
    caughtBy: ['put-aborted-before', 'put-abort-silent', 'put-abort-endless', 'put-abort-others'],
    spoil: (good) => ({ put: (key, body, call) => good.put(key, body, { ...call, signal: deaf }) }),
  },
  {
    name: 'reads on whatever the signal says',
    caughtBy: ['get-aborted-before', 'get-abort'],
    spoil: (good) => ({ get: (key, call) => good.get(key, { ...call, signal: deaf }) }),
  },
  {
    name: 'lists on whatever the signal says',
    caughtBy: ['list-aborted-before', 'list-abort'],
    spoil: (good) => ({ list: (prefix) => good.list(prefix, { signal: deaf }) }),
  },
  {
    name: 'deletes on whatever the signal says',
    caughtBy: ['delete-aborted-before'],
    spoil: (good) => ({ delete: (key) => good.delete(key, { signal: deaf }) }),
  },
  {
    name: 'ends a read quietly on abort',
    caughtBy: ['get-aborted-before', 'get-abort'],
    spoil: (good) => ({
      async *get(key, call) {
        if (call.signal.aborted) return
        for await (const chunk of good.get(key, { ...call, signal: deaf })) {
          if (call.signal.aborted) return
          yield chunk
        }
      },
    }),
  },
  {
    name: 'rejects with an error of its own on abort',
    caughtBy: ['put-aborted-before', 'put-abort-silent', 'put-abort-endless'],
    spoil: (good) => ({
      put: (key, body, call) =>
        good.put(key, body, call).catch((error: unknown) => {
          throw call.signal.aborted ? new DOMException('This operation was aborted', 'AbortError') : error
        }),
    }),
  },
  {
    name: 'looks at the signal between chunks only',
    caughtBy: ['put-abort-silent'],
    spoil: (good) => ({
      put: (key, body, call) =>
        good.put(
          key,
          (async function* () {
            for await (const chunk of body) {
              call.signal.throwIfAborted()
              yield chunk
            }
          })(),
          { ...call, signal: deaf },
        ),
    }),
  },
  {
    name: 'leaves a temporary object on abort',
    caughtBy: ['put-abort-silent', 'put-abort-silent-guarded', 'put-abort-endless', 'put-aborted-before'],
    spoil: (good, objects) => ({
      put: (key, body, call) =>
        good.put(key, body, call).catch((error: unknown) => {
          if (call.signal.aborted) objects.set(`${key}.tmp`, new Uint8Array(1))
          throw error
        }),
    }),
  },
  {
    name: 'does not end the body after an abort',
    caughtBy: ['put-abort-endless'],
    spoil: (good) => ({
      async put(key, body, call) {
        const iterator = body[Symbol.asyncIterator]()
        const unended = { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) }
        return good.put(key, abortable(unended, call.signal), call)
      },
    }),
  },
  {
    name: 'stops every put when one is aborted',
    caughtBy: ['put-abort-others'],
    spoil: (good) => {
      const all = new AbortController()
      return {
        put(key, body, call) {
          call.signal.addEventListener('abort', () => all.abort(call.signal.reason), { once: true })
          return good.put(key, body, { ...call, signal: AbortSignal.any([call.signal, all.signal]) })
        },
      }
    },
  },
  {
    name: 'rejects a delete under way with an error of its own on abort',
    caughtBy: ['delete-abort'],
    spoil: (good) => ({
      async delete(key, call) {
        await setImmediate()
        if (call.signal.aborted) throw new Error('socket hang up')
        await good.delete(key, call)
      },
    }),
  },
]
