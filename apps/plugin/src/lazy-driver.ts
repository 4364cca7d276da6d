import type { Driver } from '@s3db-backup/core'

/** A driver that is made when it is first used, because what it needs to know comes later than its options. */
export function lazyDriver(name: string, make: () => Driver): Driver {
  let made: Driver | undefined
  const inner = (): Driver => {
    made ??= make()
    return made
  }
  return {
    name,
    get capabilities() {
      return inner().capabilities ?? {}
    },
    get clock() {
      return inner().clock
    },
    put: async (key, body, call) => inner().put(key, body, call),
    async *get(key, call) {
      yield* inner().get(key, call)
    },
    async *list(prefix, call) {
      yield* inner().list(prefix, call)
    },
    delete: async (key, call) => inner().delete(key, call),
    close: async () => made?.close?.(),
  }
}
