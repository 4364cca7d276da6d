import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { readNote } from '../format/json-note.js'
import { leasePrefix } from '../format/layout.js'
import type { Call, Driver } from '../ports/driver.js'
import { ordered } from '../streams/ordered.js'
import { storageNow } from './storage-clock.js'

/** After this time a lease that was not renewed says nothing any more, in ms. */
export const leaseTime = 15 * 60 * 1000

/** How long a remover may act on its last look, in ms. Afterwards it has to look again. */
export const removalTime = 60 * 1000

/** How long others wait for that, in ms. Longer, as a last delete may still be on its way. */
const longestWait = 90 * 1000

/** A lease is a list of ids; nothing larger is one. In bytes. */
const longestLease = 4 * 1024 * 1024

/** What a process does with backups. */
export interface Purpose {
  /** `use`: they must stay. `removal`: they may be gone in a moment. */
  readonly kind: 'use' | 'removal'
  /** `restore`, `backup`, `prune`, ... */
  readonly operation: string
  readonly backups: readonly string[]
}

/** A lease as others see it. */
export interface Lease extends Purpose {
  readonly key: string
  /** Host and process, for people. */
  readonly holder: string
  /** ISO 8601, UTC, by the holder's clock. For people. */
  readonly takenAt: string
  /** By the storage's clock; by the holder's where the storage has none. */
  readonly expiresAt: string
}

/** A call that knows the time. */
export interface Timed extends Call {
  readonly now: () => Date
}

const leaseSchema = z.object({
  format: z.string().startsWith('s3db-backup/'),
  kind: z.enum(['use', 'removal']),
  operation: z.string(),
  backups: z.array(z.string()).readonly(),
  holder: z.string(),
  takenAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})

/** The leases that are there and have not expired. */
export async function readLeases(driver: Driver, timed: Timed): Promise<Lease[]> {
  return expiredFor(driver, timed, (ms) => ms < 0)
}

/** The backups that are in use, or being made, just now. */
export async function usedBackups(driver: Driver, timed: Timed): Promise<ReadonlySet<string>> {
  const leases = await readLeases(driver, timed)
  return new Set(leases.filter(({ kind }) => kind === 'use').flatMap(({ backups }) => backups))
}

/** Removes the leases that expired longer ago than they lasted. */
export async function sweepLeases(driver: Driver, timed: Timed): Promise<void> {
  for (const { key } of await expiredFor(driver, timed, (ms) => ms > leaseTime))
    await driver.delete(key, { signal: timed.signal })
}

/** The leases by the time since they expired, in ms: by the storage's clock, which all machines share. */
async function expiredFor(
  driver: Driver,
  { signal, now }: Timed,
  isWanted: (ms: number) => boolean,
): Promise<Lease[]> {
  const all = await allLeases(driver, { signal })
  if (all.length === 0) return all
  const time = await storageNow(driver, now, { signal })
  return all.filter(({ expiresAt }) => isWanted(time - Date.parse(expiresAt)))
}

/** Waits until no process is about to remove one of the backups, or its time to do so is over. */
export function waitForRemovals(driver: Driver, ids: readonly string[], timed: Timed): Promise<void> {
  return waitWhile(driver, ids, timed, ({ kind }) => kind === 'removal')
}

/** Waits until no lease that names one of the backups is in the way, up to 90 seconds. */
export async function waitWhile(
  driver: Driver,
  ids: readonly string[],
  timed: Timed,
  isInTheWay: (lease: Lease) => boolean,
): Promise<void> {
  const { signal } = timed
  // Measured with this process's own clock: the clocks of others may be wrong.
  const from = performance.now()
  for (let ms = 10; performance.now() - from < longestWait; ms = Math.min(2 * ms, 1000)) {
    const leases = await readLeases(driver, timed)
    if (!leases.some((lease) => overlap(lease.backups, ids) && isInTheWay(lease))) return
    await pause(ms, undefined, { signal }).catch((error: unknown) => {
      signal.throwIfAborted()
      throw error
    })
  }
}

function overlap(some: readonly string[], others: readonly string[]): boolean {
  return some.some((id) => others.includes(id))
}

async function allLeases(driver: Driver, call: Call): Promise<Lease[]> {
  const keys: string[] = []
  for await (const { key } of driver.list(leasePrefix, call)) keys.push(key)
  const leases: Lease[] = []
  for await (const lease of ordered(keys, 8, (key) => readLease(driver, key, call)))
    if (lease !== undefined) leases.push(lease)
  return leases
}

/** Nothing if it is gone, or no lease. */
async function readLease(driver: Driver, key: string, call: Call): Promise<Lease | undefined> {
  const form = { schema: leaseSchema, longest: longestLease }
  const data = await readNote(driver, key, form, { ...call, kind: 'lease' })
  return data === undefined ? undefined : { ...data, key }
}
