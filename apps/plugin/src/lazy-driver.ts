import type { Driver, DriverCapabilities } from '@s3db-backup/core'

/**
 * A driver that is made when it is first used, by code that is loaded then. It has the clock of the driver that is made,
 * or this machine's if that has none.
 */
export function lazyDriver<D extends Driver>(
  name: string,
  capabilities: () => DriverCapabilities,
  make: () => Promise<D>,
): { readonly driver: Driver; readonly made: () => Promise<D> } {
  let making: Promise<D> | undefined
  const made = (): Promise<D> => {
    // A failed attempt is repeated on the next call: what was missing may exist by then.
    making ??= make().catch((error: unknown) => {
      making = undefined
      throw error
    })
    return making
  }
  const driver: Driver = {
    name,
    get capabilities() {
      return capabilities()
    },
    put: async (key, body, call) => (await made()).put(key, body, call),
    async *get(key, call) {
      yield* (await made()).get(key, call)
    },
    async *list(prefix, call) {
      yield* (await made()).list(prefix, call)
    },
    delete: async (key, call) => (await made()).delete(key, call),
    clock: async (call) => (await (await made()).clock?.(call)) ?? new Date(),
    close: async () => (await making)?.close?.(),
  }
  return { driver, made }
}
