import { gather, type Mutant, once } from './mutant.js'

const folderOf = (key: string) => key.slice(0, key.lastIndexOf('/') + 1)

export const concurrencyMutants: readonly Mutant[] = [
  {
    name: 'merges puts that run at once',
    caughtBy: ['puts-at-once'],
    spoil: (good) => {
      let shared: Uint8Array[] = []
      return {
        async put(key, body, call) {
          shared = []
          let bytes = 0
          for await (const chunk of body) {
            shared.push(chunk)
            bytes += chunk.byteLength
          }
          await good.put(key, once(Buffer.concat(shared)), call)
          return { bytes }
        },
      }
    },
  },
  {
    name: 'cleans up the whole folder after a failure',
    caughtBy: ['put-beside-failure'],
    spoil: (good, objects) => {
      const spoilt = new Set<string>()
      return {
        async put(key, body, call) {
          try {
            const stored = await good.put(key, body, call)
            if (spoilt.has(folderOf(key))) objects.delete(key)
            return stored
          } catch (error) {
            spoilt.add(folderOf(key))
            throw error
          }
        },
      }
    },
  },
  {
    name: 'removes a folder that seems empty though something is being put there',
    caughtBy: ['put-beside-delete'],
    spoil: (good, objects) => {
      const removed = new Set<string>()
      return {
        async put(key, body, call) {
          const bytes = await gather(body)
          if (removed.has(folderOf(key))) throw new Error('ENOENT: no such folder')
          return good.put(key, once(bytes), call)
        },
        async delete(key, call) {
          await good.delete(key, call)
          const folder = folderOf(key)
          if (![...objects.keys()].some((each) => each.startsWith(folder))) removed.add(folder)
        },
      }
    },
  },
]
