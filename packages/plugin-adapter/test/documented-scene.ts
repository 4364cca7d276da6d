import type { Driver } from '@s3db-backup/core'
import { call } from './plugins.js'

/** A promise, and what opens it. */
export function gate(): { readonly promise: Promise<void>; open(): void } {
  let open = (): void => undefined
  const promise = new Promise<void>((resolve) => {
    open = resolve
  })
  return { promise, open: () => open() }
}

/** Puts something else in the place of an object. */
export async function replace(driver: Driver, key: string, text: string): Promise<void> {
  await driver.delete(key, call)
  await driver.put(key, chunk(text), { ...call, kind: 'part' })
}

async function* chunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
