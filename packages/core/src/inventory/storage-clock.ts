import type { Call, Driver } from '../ports/driver.js'

/** How long this process counts on from an answer of the storage, in ms. */
const goodFor = 10 * 60 * 1000

/** By how much the two clocks of this machine may have moved apart meanwhile, in ms. */
const slack = 10 * 1000

/** An answer of the storage, in ms since 1970, and when it came, by both clocks of this machine. */
interface Reading {
  readonly time: number
  readonly counted: number
  readonly set: number
}

const readings = new WeakMap<Driver, Reading>()

/**
 * The storage's time, in ms since 1970, for what several machines compare. The storage is asked once; then this process
 * counts on for some minutes, unless its clock is set or it sleeps. If the storage has no clock or does not report it,
 * this machine's time.
 */
export async function storageNow(driver: Driver, machine: () => Date, call: Call): Promise<number> {
  const known = readings.get(driver)
  if (known === undefined) return askStorage(driver, machine, call)
  const passed = performance.now() - known.counted
  const isSteady = Math.abs(Date.now() - known.set - passed) < slack
  return isSteady && passed < goodFor ? known.time + passed : askStorage(driver, machine, call)
}

/**
 * The earlier of the storage's time and this machine's, in ms since 1970: what is due by it is due by both, so that a
 * wrong clock deletes nothing too early.
 */
export async function earlierNow(driver: Driver, machine: () => Date, call: Call): Promise<number> {
  return Math.min(machine().getTime(), await storageNow(driver, machine, call))
}

/** The storage's time, asked anew. */
export async function askStorage(driver: Driver, machine: () => Date, call: Call): Promise<number> {
  if (driver.clock === undefined) return machine().getTime()
  try {
    const time = (await driver.clock(call)).getTime()
    readings.set(driver, { time, counted: performance.now(), set: Date.now() })
    return time
  } catch {
    call.signal.throwIfAborted()
    return machine().getTime()
  }
}
