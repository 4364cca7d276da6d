import { BackupError } from '@s3db-backup/core'
import type { Mutant } from './mutant.js'

export const putFailureMutants: readonly Mutant[] = [
  {
    name: "hides the body's error behind its own",
    caughtBy: ['put-body-error', 'put-fails-at-once'],
    spoil: (good) => ({
      put: (key, body, call) =>
        good.put(key, body, call).catch((cause: unknown) => {
          throw new BackupError('unavailable', 'upload failed', { cause })
        }),
    }),
  },
  {
    name: "swallows the body's error and stores what came",
    caughtBy: ['put-body-error', 'put-body-error-guarded', 'put-again-after-failure'],
    spoil: (good) => ({
      put: (key, body, call) =>
        good.put(
          key,
          (async function* () {
            try {
              yield* body
            } catch {
              return
            }
          })(),
          call,
        ),
    }),
  },
  {
    name: 'waits for ever if the body fails before its first byte',
    caughtBy: ['put-fails-at-once'],
    spoil: (good) => ({
      async put(key, body, call) {
        let begun = false
        const watched = async function* () {
          for await (const chunk of body) {
            begun = true
            yield chunk
          }
        }
        return good.put(key, watched(), call).catch((error: unknown) => {
          if (begun) throw error
          return new Promise<never>(() => undefined)
        })
      },
    }),
  },
  {
    name: 'keeps a lock after a failure',
    caughtBy: ['put-again-after-failure'],
    spoil: (good) => {
      const locked = new Set<string>()
      return {
        async put(key, body, call) {
          if (locked.has(key)) throw new BackupError('conflict', 'an upload is under way')
          locked.add(key)
          const stored = await good.put(key, body, call)
          locked.delete(key)
          return stored
        },
      }
    },
  },
]
