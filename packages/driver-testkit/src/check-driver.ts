import type { Driver } from '@s3db-backup/core'
import { contractCases } from './contract.js'
import { type ContractCase, skipReason } from './contract-case.js'
import { type RunOptions, runCase, scratchPrefix } from './run-case.js'

/** How one case went. */
export interface CaseResult {
  readonly id: string
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped, in words. */
  readonly reason?: string | undefined
  /** What a failed case rejected with. */
  readonly error?: unknown
  /** In ms. */
  readonly duration: number
}

/** How a driver met the contract. */
export interface DriverReport {
  /** The driver's name. */
  readonly driver: string
  /** Everything was stored below this prefix. */
  readonly prefix: string
  readonly cases: readonly CaseResult[]
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Keys, or prefixes, that could not be removed afterwards. */
  readonly leftovers: readonly string[]
}

/**
 * Runs the contract against a live storage, one case after the other, below a scratch prefix, and removes everything
 * it stored. A failing case does not stop the others. Rejects only on abort, with `signal.reason`, after it removed
 * what the case at hand had stored. The driver is not closed.
 *
 * @example
 * ```ts
 * import { checkDriver, memory } from '@s3db-backup/driver-testkit'
 *
 * const { passed, failed } = await checkDriver(memory(), { onCase: ({ title, status }) => console.log(status, title) })
 * console.log(`${passed} passed, ${failed} failed`)
 * ```
 */
export async function checkDriver(
  driver: Driver,
  options: RunOptions & {
    readonly signal?: AbortSignal | undefined
    /** Only these cases, by id. */
    readonly only?: readonly string[] | undefined
    /** Told of each case as soon as it is over. */
    readonly onCase?: ((result: CaseResult) => void) | undefined
  } = {},
): Promise<DriverReport> {
  const running = {
    ...options,
    prefix: options.prefix ?? scratchPrefix(),
    signal: options.signal ?? new AbortController().signal,
  }
  const cases: CaseResult[] = []
  const leftovers: string[] = []
  for (const each of contractCases) {
    if (options.only !== undefined && !options.only.includes(each.id)) continue
    const result = await judge(each, driver, running, leftovers)
    cases.push(result)
    options.onCase?.(result)
  }
  const count = (status: CaseResult['status']) => cases.filter((result) => result.status === status).length
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }
  return { driver: driver.name, prefix: running.prefix, cases, ...counts, leftovers }
}

async function judge(
  each: ContractCase,
  driver: Driver,
  running: RunOptions & { readonly prefix: string; readonly signal: AbortSignal },
  leftovers: string[],
): Promise<CaseResult> {
  running.signal.throwIfAborted()
  const { id, title } = each
  const reason = skipReason(each, driver)
  if (reason !== undefined) return { id, title, status: 'skipped', reason, duration: 0 }
  const startedAt = performance.now()
  const { failure, leftovers: left } = await runCase(each, driver, running)
  running.signal.throwIfAborted()
  leftovers.push(...left)
  const duration = Math.round(performance.now() - startedAt)
  if (failure === undefined) return { id, title, status: 'passed', duration }
  const { error } = failure
  return {
    id,
    title,
    status: 'failed',
    reason: error instanceof Error ? error.message : String(error),
    error,
    duration,
  }
}
