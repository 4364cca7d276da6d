import { BackupError, type Driver, untilAborted } from '@s3db-backup/core'
import type { CaseContext, ContractCase } from './contract-case.js'

/** What can be set for a run of the contract. */
export interface RunOptions {
  /** Where cases work: each in a corner of its own below it. Default: `driver-testkit-` and something random. */
  readonly prefix?: string
  /** How long a call may take to settle after an abort, in ms. Default 10,000. */
  readonly patience?: number
  /** How long a case may take in all, in ms. Default 300,000. */
  readonly caseTimeout?: number
  /** The size of the large object, in bytes. Default 32 MiB, or what the driver takes if that is less. */
  readonly hugeBytes?: number
  /** How many objects the long listing has. Default 1,100: more than a page of S3. */
  readonly manyObjects?: number
}

/** How long clean-up may take, in ms. */
const longestCleanup = 60_000

/** A scratch prefix that nothing else uses. */
export function scratchPrefix(): string {
  return `driver-testkit-${globalThis.crypto.randomUUID()}`
}

/**
 * Runs one case in its own corner and removes whatever it stored there, also if it fails. Rejects with what the case
 * found, or with `signal.reason`. Resolves with the keys that could not be removed.
 */
export async function runCase(
  contractCase: ContractCase,
  driver: Driver,
  options: RunOptions & { readonly prefix: string; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { prefix, signal, patience = 10_000, caseTimeout = 300_000, manyObjects = 1100 } = options
  const hugeBytes = Math.min(
    options.hugeBytes ?? 32 * 1024 * 1024,
    driver.capabilities?.maxObjectBytes ?? Number.POSITIVE_INFINITY,
  )
  const corner = `${prefix}/${contractCase.id}/`
  const deadline = new AbortController()
  const late = () =>
    deadline.abort(
      new BackupError('unavailable', `The case took longer than ${caseTimeout} ms`, { driver: driver.name }),
    )
  const timer = setTimeout(late, caseTimeout)
  const within = AbortSignal.any([signal, deadline.signal])
  const context: CaseContext = { driver, prefix: corner, signal: within, patience, hugeBytes, manyObjects }
  try {
    await untilAborted(() => contractCase.run(context), within)
  } catch (error) {
    await cleanUp(driver, corner)
    throw error
  } finally {
    clearTimeout(timer)
  }
  return cleanUp(driver, corner)
}

/** Removes everything in a corner, as well as the driver can. What stays is returned. */
async function cleanUp(driver: Driver, corner: string): Promise<readonly string[]> {
  const call = { signal: AbortSignal.timeout(longestCleanup) }
  const remaining = new Set<string>()
  try {
    await untilAborted(async () => {
      for await (const { key } of driver.list(corner, call)) if (key.startsWith(corner)) remaining.add(key)
      for (const key of [...remaining]) {
        await driver.delete(key, call)
        remaining.delete(key)
      }
    }, call.signal)
  } catch {
    // The driver under test may be broken in any way; its case tells how. Here only what stays matters.
    return remaining.size === 0 ? [corner] : [...remaining]
  }
  return [...remaining]
}
