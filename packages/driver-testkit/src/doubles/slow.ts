import type { Driver } from '@s3db-backup/core'
import { untilAborted } from '@s3db-backup/core/internal'
import { sameDriver } from './same-driver.js'

/** Wraps a driver so that every call, every chunk and every listed entry takes `ms` longer. Aborts do not wait. */
export function slow(driver: Driver, { ms }: { readonly ms: number }): Driver {
  return {
    ...sameDriver(driver),
    async put(key, body, call) {
      await pause(ms, call.signal)
      return driver.put(key, slowly(body, ms, call.signal), call)
    },
    async *get(key, call) {
      yield* slowly(driver.get(key, call), ms, call.signal)
    },
    async *list(prefix, call) {
      yield* slowly(driver.list(prefix, call), ms, call.signal)
    },
    async delete(key, call) {
      await pause(ms, call.signal)
      await driver.delete(key, call)
    },
  }
}

async function* slowly<T>(items: AsyncIterable<T>, ms: number, signal: AbortSignal): AsyncGenerator<T> {
  await pause(ms, signal)
  for await (const item of items) {
    yield item
    await pause(ms, signal)
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  try {
    await untilAborted(() => over, signal)
  } finally {
    clearTimeout(timer)
  }
}
