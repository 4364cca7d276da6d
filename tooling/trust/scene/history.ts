import { createHash } from 'node:crypto'
import { backup, type Call, type Driver } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { type Encryption, encryption } from '@s3db-backup/encryption'
import { sourceOf, stateOn } from './model.ts'

/** What a destination holds before anything happens to it, and what each backup there is of. */
export interface History {
  /** Every object. */
  readonly objects: readonly (readonly [string, Uint8Array])[]
  /** By id, oldest first: the day whose state it has. The first three are a chain. */
  readonly days: Readonly<Record<string, number>>
}

/** The day after the last backup of a history. */
export const today = 5

export const dateOf = (day: number): Date => new Date(Date.UTC(2024, 0, day))

const key = (number: number) => createHash('sha256').update(`key ${number}`).digest()
const forKeys = (...numbers: readonly number[]): Encryption =>
  encryption({
    algorithm: 'AES-256-GCM',
    recipients: numbers.map((number) => ({ id: `key-${number}`, key: key(number) })),
  })

/** The key that encrypted backups are made with, the one they are changed to, and both. */
export const keys = { old: forKeys(1), new: forKeys(2), both: forKeys(1, 2) }

/** Small parts, so that there are several of a resource. */
export const makeBackup = (driver: Driver, day: number, more: Partial<Parameters<typeof backup>[0]> = {}) =>
  backup({
    source: sourceOf(stateOn(day)),
    driver,
    maxPartBytes: 1024,
    concurrency: 2,
    now: () => dateOf(day),
    ...more,
  })

/** A full backup, two incremental ones on it and another full one, a day after the other. */
export async function makeHistory(encrypted: boolean): Promise<History> {
  const driver = memory()
  const more = encrypted ? { encryption: keys.old } : {}
  const days: Record<string, number> = {}
  for (const day of [1, 2, 3, 4]) {
    const since = day === 2 || day === 3 ? { type: 'incremental', incremental: {} } : {}
    const { id } = await makeBackup(driver, day, { ...more, ...since })
    days[id] = day
  }
  return { objects: [...driver.objects], days }
}

/** Puts a history where it belongs. */
export async function seed(driver: Driver, { objects }: Pick<History, 'objects'>, call: Call): Promise<void> {
  const once = async function* (bytes: Uint8Array) {
    yield bytes
  }
  await Promise.all(objects.map(([key, bytes]) => driver.put(key, once(bytes), { ...call, kind: 'part' })))
}
