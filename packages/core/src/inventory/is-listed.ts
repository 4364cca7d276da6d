import type { Call, Driver } from '../ports/driver.js'

/** Whether a listing shows an object of exactly this key. */
export async function isListed(driver: Driver, wanted: string, call: Call): Promise<boolean> {
  for await (const { key } of driver.list(wanted, call)) if (key === wanted) return true
  return false
}
