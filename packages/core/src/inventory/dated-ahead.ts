import type { Call, Driver } from '../ports/driver.js'
import { askStorage } from './storage-clock.js'

/** How far the clock of the machine that makes a backup may be ahead of the storage's, in ms: five minutes. */
export const clockTolerance = 5 * 60 * 1000

/**
 * Whether a backup bears a time that has not come yet by the clock given (in ms since 1970), and so was dated by a clock
 * that was wrong. Such a backup is as good as any other, but its time is unknown: it is never the newest of
 * anything, and all that asks for the newest asks here.
 */
export function isDatedAhead(exportedAt: string, now: number): boolean {
  return Date.parse(exportedAt) > now + clockTolerance
}

/** The correctly dated backups in the given order, then those dated ahead. */
export function datedAheadLast<T extends { readonly datedAhead?: boolean | undefined }>(
  entries: readonly T[],
): T[] {
  const ahead = (entry: T) => entry.datedAhead === true
  return [...entries.filter((entry) => !ahead(entry)), ...entries.filter(ahead)]
}

/**
 * The storage's time, in ms since 1970, requested once on first use. If the storage has no clock or does not report it,
 * this machine's time: a list must not fail without a clock, and `doctor` reports the problem.
 */
export function storageTime(driver: Driver, machine: () => Date): (call: Call) => Promise<number> {
  let asked: Promise<number> | undefined
  return (call) => {
    asked ??= askStorage(driver, machine, call).catch((error: unknown) => {
      asked = undefined
      throw error
    })
    return asked
  }
}
