import type { Driver, ObjectInfo } from '@s3db-backup/core'
import { sameDriver } from './same-driver.js'

/**
 * Wraps a driver so that its listing lags behind, as that of some older object stores does: what was put is missing
 * from the next `listings` listings, and what was deleted is still in them. `get` is not affected. Such a driver breaks
 * the contract; it shows what core makes of one.
 */
export function lagging(
  driver: Driver,
  { listings = 1 }: { readonly listings?: number | undefined } = {},
): Driver {
  const unseen = new Map<string, number>()
  const lingering = new Map<string, { readonly info: ObjectInfo; readonly left: number }>()

  return {
    ...sameDriver(driver),
    get: (key, call) => driver.get(key, call),
    async put(key, body, call) {
      const stored = await driver.put(key, body, call)
      lingering.delete(key)
      unseen.set(key, listings)
      return stored
    },
    async *list(prefix, call) {
      const hidden = new Set(unseen.keys())
      const ghosts = [...lingering.values()]
        .map(({ info }) => info)
        .filter(({ key }) => key.startsWith(prefix))
      age()
      for await (const info of driver.list(prefix, call)) if (!hidden.has(info.key)) yield info
      yield* ghosts
    },
    async delete(key, call) {
      const info = await find(driver, key, call.signal)
      await driver.delete(key, call)
      const wasSeen = !unseen.delete(key)
      if (info !== undefined && wasSeen) lingering.set(key, { info, left: listings })
    },
  }

  function age(): void {
    for (const [key, left] of unseen) left > 1 ? unseen.set(key, left - 1) : unseen.delete(key)
    for (const [key, { info, left }] of lingering) {
      left > 1 ? lingering.set(key, { info, left: left - 1 }) : lingering.delete(key)
    }
  }
}

async function find(driver: Driver, key: string, signal: AbortSignal): Promise<ObjectInfo | undefined> {
  for await (const info of driver.list(key, { signal })) if (info.key === key) return info
  return undefined
}
