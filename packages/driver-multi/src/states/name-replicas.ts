import { BackupError, type Driver, guard } from '@s3db-backup/core'
import type { Replica } from '../multi-driver.js'

/** A driver as given: with a name of its own, or bare. */
export interface NamedDriver {
  /** What reports call it. Made from the driver's name if left out: `filesystem`, `s3`, `s3-2`. */
  readonly name?: string | undefined
  readonly driver: Driver
}

/** Gives every driver its guard and a name that no other has. Given names stay as they are. */
export function nameReplicas(given: readonly NamedDriver[]): Replica[] {
  const taken = new Set<string>()
  for (const { name } of given) {
    if (name === undefined) continue
    if (taken.has(name)) throw nameTwice(name)
    taken.add(name)
  }
  return given.map(({ name, driver }) => ({
    name: name ?? claim(driver.name, taken),
    driver: guard(driver),
  }))
}

function claim(name: string, taken: Set<string>): string {
  let candidate = name
  for (let number = 2; taken.has(candidate); number++) candidate = `${name}-${number}`
  taken.add(candidate)
  return candidate
}

function nameTwice(name: string): BackupError {
  return new BackupError('invalid_options', `Two destinations have the name ${JSON.stringify(name)}`, {
    operation: 'validateConfig',
    driver: 'multi',
    metadata: { name },
  })
}
