import { BackupError, type Driver } from '@s3db-backup/core'
import type { Mutant } from './mutant.js'

export const deleteMutants: readonly Mutant[] = [
  {
    name: 'deletes nothing',
    caughtBy: ['delete-removes', 'list-while-deleting'],
    spoil: () => ({ delete: async () => undefined }),
  },
  {
    name: 'rejects the delete of a missing key',
    caughtBy: ['delete-missing', 'delete-missing-guarded'],
    spoil: (good, objects) => ({
      async delete(key, call) {
        if (!objects.has(key)) throw new BackupError('not_found', 'nothing to delete')
        await good.delete(key, call)
      },
    }),
  },
  {
    name: 'deletes everything that begins alike',
    caughtBy: ['delete-only-that'],
    spoil: (good, objects) => ({
      async delete(key, call) {
        for (const each of [...objects.keys()]) if (each.startsWith(key)) await good.delete(each, call)
      },
    }),
  },
  {
    name: 'hides a deleted key for ever',
    caughtBy: ['delete-then-put'],
    spoil: (good) => {
      const tombs = new Set<string>()
      return {
        async delete(key, call) {
          tombs.add(key)
          await good.delete(key, call)
        },
        async *get(key, call) {
          if (tombs.has(key)) throw new BackupError('not_found', 'deleted')
          yield* good.get(key, call)
        },
      }
    },
  },
]

/** A driver that stores under another key than it was given. */
function renaming(good: Driver, rename: (key: string) => string): Partial<Driver> {
  return {
    put: (key, body, call) => good.put(rename(key), body, call),
    get: (key, call) => good.get(rename(key), call),
    delete: (key, call) => good.delete(rename(key), call),
  }
}

export const keyMutants: readonly Mutant[] = [
  {
    name: 'makes keys lower-case',
    caughtBy: ['keys-odd'],
    spoil: (good) => renaming(good, (key) => key.toLowerCase()),
  },
  {
    name: 'decodes plus signs',
    caughtBy: ['keys-similar', 'keys-odd'],
    spoil: (good) => renaming(good, (key) => key.replaceAll('+', ' ')),
  },
  {
    name: 'encodes keys and lists them encoded',
    caughtBy: ['keys-odd', 'keys-similar'],
    spoil: (good) => renaming(good, (key) => encodeURI(key)),
  },
  {
    name: 'cuts keys at 255 characters',
    caughtBy: ['keys-long'],
    spoil: (good) => renaming(good, (key) => key.slice(0, 255)),
  },
]
