import { BackupError } from '@s3db-backup/core'
import type { Mutant } from './mutant.js'

export const listMutants: readonly Mutant[] = [
  {
    name: 'throws where nothing is',
    caughtBy: ['list-nothing'],
    spoil: (good) => ({
      async *list(prefix, call) {
        let any = false
        for await (const info of good.list(prefix, call)) {
          any = true
          yield info
        }
        if (!any) throw new BackupError('not_found', 'no such folder')
      },
    }),
  },
  {
    name: 'lists twice',
    caughtBy: ['list-each-once', 'put-empty'],
    spoil: (good) => ({
      async *list(prefix, call) {
        yield* good.list(prefix, call)
        yield* good.list(prefix, call)
      },
    }),
  },
  {
    name: 'lists one level only',
    caughtBy: ['list-each-once'],
    spoil: (good) => ({
      async *list(prefix, call) {
        for await (const info of good.list(prefix, call))
          if (!info.key.slice(prefix.length).includes('/')) yield info
      },
    }),
  },
  {
    name: 'does not know sizes',
    caughtBy: ['list-sizes'],
    spoil: (good) => ({
      async *list(prefix, call) {
        for await (const { key } of good.list(prefix, call)) yield { key, bytes: 0 }
      },
    }),
  },
  {
    name: 'stamps anew in each listing',
    caughtBy: ['list-stamps'],
    spoil: (good) => {
      let listings = 0
      return {
        async *list(prefix, call) {
          listings += 1
          for await (const info of good.list(prefix, call)) yield { ...info, stamp: `${listings}` }
        },
      }
    },
  },
  {
    name: 'stamps with the size',
    caughtBy: ['list-stamps'],
    spoil: (good) => ({
      async *list(prefix, call) {
        for await (const info of good.list(prefix, call)) yield { ...info, stamp: `${info.bytes}` }
      },
    }),
  },
  {
    name: 'stamps with the number of all writes',
    caughtBy: ['list-stamps'],
    spoil: (good) => {
      let writes = 0
      return {
        put(key, body, call) {
          writes += 1
          return good.put(key, body, call)
        },
        async *list(prefix, call) {
          for await (const info of good.list(prefix, call)) yield { ...info, stamp: `${writes}` }
        },
      }
    },
  },
  {
    name: 'stamps the first object only',
    caughtBy: ['list-stamps'],
    spoil: (good) => ({
      async *list(prefix, call) {
        let first = true
        for await (const { key, bytes, stamp } of good.list(prefix, call)) {
          yield first ? { key, bytes, stamp } : { key, bytes }
          first = false
        }
      },
    }),
  },
  {
    name: 'takes no heed of the prefix',
    caughtBy: ['list-nothing', 'list-folder', 'list-any-prefix'],
    spoil: (good) => ({ list: (_prefix, call) => good.list('', call) }),
  },
  {
    name: 'drops the slash at the end of the prefix',
    caughtBy: ['list-folder'],
    spoil: (good) => ({ list: (prefix, call) => good.list(prefix.replace(/\/$/, ''), call) }),
  },
  {
    name: 'takes every prefix for a folder',
    caughtBy: ['list-any-prefix'],
    spoil: (good) => ({ list: (prefix, call) => good.list(prefix.replace(/\/?$/, '/'), call) }),
  },
  {
    name: 'stops after a page of 1,000',
    caughtBy: ['list-many'],
    spoil: (good) => ({
      async *list(prefix, call) {
        let listed = 0
        for await (const info of good.list(prefix, call)) {
          if (listed++ === 1000) return
          yield info
        }
      },
    }),
  },
  {
    name: 'goes on where the last reader stopped',
    caughtBy: ['list-stop-early'],
    spoil: (good) => {
      let skip = 0
      return {
        async *list(prefix, call) {
          let index = 0
          for await (const info of good.list(prefix, call)) {
            index += 1
            if (index <= skip) continue
            skip = index
            yield info
          }
          skip = 0
        },
      }
    },
  },
  {
    name: 'counts positions in a listing that changes under it',
    caughtBy: ['list-while-deleting'],
    spoil: (_good, objects) => ({
      async *list(prefix, { signal }) {
        for (let index = 0; index < objects.size; index++) {
          signal.throwIfAborted()
          const entry = [...objects][index]
          if (entry?.[0].startsWith(prefix)) yield { key: entry[0], bytes: entry[1].byteLength }
        }
      },
    }),
  },
]
