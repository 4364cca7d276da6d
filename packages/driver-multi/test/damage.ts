import type { MemoryDriver } from '@s3db-backup/driver-testkit'
import { body, call } from './scene.js'

/** Puts other bytes of the same length in an object's place. */
export async function spoil(driver: MemoryDriver, key: string): Promise<void> {
  const { byteLength } = driver.objects.get(key) ?? new Uint8Array()
  await driver.delete(key, call)
  await driver.put(key, body(byteLength), call)
}

/** Cuts an object to half its length. */
export async function cut(driver: MemoryDriver, key: string): Promise<void> {
  const bytes = driver.objects.get(key) ?? new Uint8Array()
  await driver.delete(key, call)
  const half = (async function* () {
    yield bytes.subarray(0, bytes.byteLength / 2)
  })()
  await driver.put(key, half, call)
}
