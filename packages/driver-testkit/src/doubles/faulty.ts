import { BackupError, type Driver } from '@s3db-backup/core'
import { sameDriver } from './same-driver.js'

/** When and how a {@link faulty} driver fails. */
export interface FaultyOptions {
  /** The step that fails; the first is 1. Left out, none fails and the steps are only counted. */
  readonly failAt?: number | undefined
  /** What it fails with. Default: a `BackupError` `unavailable`. */
  readonly error?: unknown
  /** Every step after it fails too, clean-up included: the storage is gone for good. Default `false`. */
  readonly forGood?: boolean | undefined
}

/** A driver that fails on purpose. */
export interface FaultyDriver extends Driver {
  /** How many steps were taken so far. */
  readonly steps: number
}

/**
 * Wraps a driver so that one step of its work fails. Steps are: the begin of every call, every chunk that is written
 * or read, the end of a body (just before the object would be complete) and every listed entry. What the inner driver
 * promises about a put that fails therefore holds here too.
 *
 * Run once without `failAt` to learn the number of steps, then once for each of them.
 *
 * @example
 * ```ts
 * import { faulty, memory } from '@s3db-backup/driver-testkit'
 *
 * const driver = faulty(memory(), { failAt: 3 })
 * console.log(driver.steps)
 * ```
 */
export function faulty(driver: Driver, options: FaultyOptions = {}): FaultyDriver {
  const { failAt = Number.POSITIVE_INFINITY, forGood = false } = options
  let steps = 0
  const step = (): void => {
    steps += 1
    if (steps !== failAt && !(forGood && steps > failAt)) return
    throw 'error' in options
      ? options.error
      : new BackupError('unavailable', `Step ${steps} failed on purpose`, { driver: driver.name })
  }

  return {
    ...sameDriver(driver),
    get steps() {
      return steps
    },
    async put(key, body, call) {
      step()
      return driver.put(key, steppingOnce(body, step), call)
    },
    async *get(key, call) {
      step()
      yield* stepping(driver.get(key, call), step)
    },
    async *list(prefix, call) {
      step()
      yield* stepping(driver.list(prefix, call), step)
    },
    async delete(key, call) {
      step()
      await driver.delete(key, call)
    },
  }
}

async function* stepping<T>(items: AsyncIterable<T>, step: () => void): AsyncGenerator<T> {
  for await (const item of items) {
    step()
    yield item
  }
}

async function* steppingOnce<T>(items: AsyncIterable<T>, step: () => void): AsyncGenerator<T> {
  yield* stepping(items, step)
  step()
}
