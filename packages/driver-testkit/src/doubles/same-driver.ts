import type { Call, Driver } from '@s3db-backup/core'

/** What a wrapper takes over from the driver inside it as it is. A spread would lose what a class keeps elsewhere. */
export function sameDriver(driver: Driver): Pick<Driver, 'name' | 'capabilities' | 'clock' | 'close'> {
  return {
    name: driver.name,
    ...(driver.capabilities === undefined ? {} : { capabilities: driver.capabilities }),
    ...(driver.clock === undefined ? {} : { clock: clockOf(driver) }),
    ...(driver.close === undefined ? {} : { close: () => driver.close?.() ?? Promise.resolve() }),
  }
}

/** Asks the driver itself, as a method: it may keep what it needs in `this`. */
function clockOf(driver: Driver): (call: Call) => Promise<Date> {
  return async (call) => (await driver.clock?.(call)) ?? new Date(Number.NaN)
}
