import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { isBackupError } from '../errors.js'
import { storeNote } from '../format/json-note.js'
import { leasePrefix } from '../format/layout.js'
import { leaseTime, type Purpose, type Timed } from '../inventory/lease.js'
import { storageNow } from '../inventory/storage-clock.js'
import { formatName } from '../manifest.js'
import type { Call, Driver } from '../ports/driver.js'

const renewal = 3 * 60 * 1000

/** How long taking a lease away may take, in ms. It expires anyway. */
const longestRelease = 5000

/**
 * Does the work while a lease at the destination announces it to other processes. The lease is renewed until the work
 * is over and removed on every path; if that fails, it expires. Rejects if it cannot be stored.
 */
export async function withLease<T>(
  driver: Driver,
  purpose: Purpose,
  { signal, now }: Timed,
  work: () => Promise<T>,
): Promise<T> {
  const first = await storeLease(driver, purpose, now(), { signal, now })
  return renewed(driver, purpose, { first, now }, work)
}

/**
 * Does the work, and from time to time stores a lease that says that it is running. Work that ends before the first
 * lease stores none. So others can distinguish it from work whose process died.
 */
export function withHeartbeat<T>(
  driver: Driver,
  purpose: Purpose,
  { now }: Pick<Timed, 'now'>,
  work: () => Promise<T>,
): Promise<T> {
  return renewed(driver, purpose, { first: undefined, now }, work)
}

async function renewed<T>(
  driver: Driver,
  purpose: Purpose,
  { first, now }: Pick<Timed, 'now'> & { readonly first: string | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const takenAt = now()
  let key = first
  let renewing = Promise.resolve()
  const over = new AbortController()
  const renew = async () => {
    const inTime = { signal: AbortSignal.any([AbortSignal.timeout(renewal), over.signal]), now }
    // A failed renewal is tried again at the next turn, long before the lease expires.
    const next = await storeLease(driver, purpose, takenAt, inTime).catch(() => undefined)
    if (next === undefined) return
    if (key !== undefined) await takeAway(driver, key)
    key = next
  }
  const timer = setInterval(() => {
    renewing = renewing.then(renew)
  }, renewal).unref()
  try {
    return await work()
  } finally {
    clearInterval(timer)
    // A hanging renewal must not delay the end.
    over.abort()
    await renewing
    if (key !== undefined) await takeAway(driver, key)
  }
}

/**
 * Like {@link withLease}, but continues without a lease if none can be stored, because the destination is read-only, is
 * full, or does not answer; unless `mayGoOn` forbids it.
 */
export async function withLeaseIfPossible<T>(
  driver: Driver,
  purpose: Purpose,
  timed: Timed,
  work: () => Promise<T>,
  mayGoOn: (error: unknown) => boolean = () => true,
): Promise<T> {
  let begun = false
  try {
    return await withLease(driver, purpose, timed, () => {
      begun = true
      return work()
    })
  } catch (error) {
    if (begun || timed.signal.aborted || !isBackupError(error) || !mayGoOn(error)) throw error
    return work()
  }
}

/** Whether the storage is full, or may not be written to: no lease can be stored there, now or later. */
export function cannotWrite(error: unknown): boolean {
  return ['no_space', 'permission_denied', 'unsupported'].some(
    (code) => isBackupError(error) && error.code === code,
  )
}

/** Stores a lease that is good for a while from now, {@link leaseTime} if nothing else is said, and gives its key. */
export async function storeLease(
  driver: Driver,
  purpose: Purpose,
  takenAt: Date,
  { signal, now }: Timed,
  lasts: number = leaseTime,
): Promise<string> {
  const key = `${leasePrefix}${purpose.operation}-${randomBytes(8).toString('hex')}.json`
  const storedAt = await storageNow(driver, now, { signal })
  const lease = {
    format: formatName,
    ...purpose,
    holder: `${hostname()}:${process.pid}`,
    takenAt: takenAt.toISOString(),
    expiresAt: new Date(storedAt + lasts).toISOString(),
  }
  try {
    await storeNote(driver, key, lease, { signal, kind: 'lease' })
    return key
  } catch (error) {
    // The lease may be stored although the answer was lost.
    await takeAway(driver, key)
    throw error
  }
}

/** Uses its own time limit, because the work's signal may have aborted. A lease that remains expires. */
async function takeAway(driver: Driver, key: string): Promise<void> {
  const call: Call = { signal: AbortSignal.timeout(longestRelease) }
  await driver.delete(key, call).catch(() => undefined)
}
