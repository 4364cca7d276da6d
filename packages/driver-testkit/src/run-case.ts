import { BackupError, type Driver } from '@s3db-backup/core'
import { untilAborted } from '@s3db-backup/core/internal'
import type { CaseContext, ContractCase } from './contract-case.js'

/** What can be set for a run of the contract. */
export interface RunOptions {
  /** Where cases work: each in a corner of its own below it. Default: `driver-testkit-` and something random. */
  readonly prefix?: string | undefined
  /** How long a call may take to settle after an abort, in ms. Default 10,000. */
  readonly patience?: number | undefined
  /** How long a case may take in all, in ms. Default 300,000. */
  readonly caseTimeout?: number | undefined
  /** The size of the large object, in bytes. Default 32 MiB, or what the driver takes if that is less. */
  readonly hugeBytes?: number | undefined
  /** How many objects the long listing has. Default 1,100: more than a page of S3. */
  readonly manyObjects?: number | undefined
}

/** How long clean-up may take, in ms. */
const longestCleanup = 60_000

/** A scratch prefix that nothing else uses. */
export function scratchPrefix(): string {
  return `driver-testkit-${globalThis.crypto.randomUUID()}`
}

/** How a case went, and what it left. */
export interface Outcome {
  /** What the case found, if it found something. */
  readonly failure: { readonly error: unknown } | undefined
  /** Keys, or prefixes, that could not be removed. */
  readonly leftovers: readonly string[]
}

/** Runs one case in its own corner and removes whatever it stored there, also if it fails or is aborted. */
export async function runCase(
  contractCase: ContractCase,
  driver: Driver,
  options: RunOptions & { readonly prefix: string; readonly signal: AbortSignal },
): Promise<Outcome> {
  const corner = `${options.prefix}/${contractCase.id}/`
  const failure = await inTime(options, (signal) =>
    contractCase.run(contextOf(driver, corner, { ...options, signal })),
  ).then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  return { failure, leftovers: await cleanUp(driver, corner) }
}

function contextOf(
  driver: Driver,
  prefix: string,
  options: RunOptions & { readonly signal: AbortSignal },
): CaseContext {
  const { signal, patience = 10_000, manyObjects = 1100, hugeBytes = 32 * 1024 * 1024 } = options
  const largest = driver.capabilities?.maxObjectBytes ?? Number.POSITIVE_INFINITY
  return { driver, prefix, signal, patience, manyObjects, hugeBytes: Math.min(hugeBytes, largest) }
}

/** A driver that hangs must not make its check hang. */
async function inTime(
  { signal, caseTimeout = 300_000 }: RunOptions & { readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const deadline = new AbortController()
  const late = new BackupError('unavailable', `The case took longer than ${caseTimeout} ms`)
  // Not AbortSignal.timeout: its timer does not keep a process alive that waits for nothing else.
  const timer = setTimeout(() => deadline.abort(late), caseTimeout)
  const within = AbortSignal.any([signal, deadline.signal])
  try {
    await untilAborted(() => work(within), within)
  } finally {
    clearTimeout(timer)
  }
}

/** Removes everything in a corner, as well as the driver can. What stays is returned. */
async function cleanUp(driver: Driver, corner: string): Promise<readonly string[]> {
  const call = { signal: AbortSignal.timeout(longestCleanup) }
  const remaining = new Set<string>()
  const look = async () => {
    for await (const { key } of driver.list(corner, call)) if (key.startsWith(corner)) remaining.add(key)
  }
  try {
    await untilAborted(async () => {
      await look()
      if (remaining.size === 0) return
      for (const key of [...remaining]) {
        await driver.delete(key, call)
        remaining.delete(key)
      }
      // A delete that resolves may not have deleted: that is one of the things under test.
      await look()
    }, call.signal)
  } catch {
    // The driver under test may be broken in any way, which its case reports. Here only the leftovers matter.
    return remaining.size === 0 ? [corner] : [...remaining]
  }
  return [...remaining]
}
