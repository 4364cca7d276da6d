import type { Driver } from '@s3db-backup/core'

/** What a wrapper takes over from the driver inside it as it is. A spread would lose what a class keeps elsewhere. */
export function likeness(driver: Driver): Pick<Driver, 'name' | 'capabilities' | 'close'> {
  return {
    name: driver.name,
    ...(driver.capabilities === undefined ? {} : { capabilities: driver.capabilities }),
    ...(driver.close === undefined ? {} : { close: () => driver.close?.() ?? Promise.resolve() }),
  }
}
