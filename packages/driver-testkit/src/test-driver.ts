import type { Driver } from '@s3db-backup/core'
import { contractCases } from './contract.js'
import { type ContractCase, skipReason } from './contract-case.js'
import { type RunOptions, runCase, scratchPrefix } from './run-case.js'

/** `test` of vitest, node:test or any other framework: a name, and a function that rejects on failure. */
export type TestFunction = (name: string, run: (...context: unknown[]) => Promise<void>) => unknown

/** The driver, or a function that makes a new one for each case; that one is closed after the case. */
export type Subject =
  | { readonly driver: Driver; readonly factory?: never }
  | { readonly factory: () => Driver | Promise<Driver>; readonly driver?: never }

/**
 * Registers one test for each sentence of the driver contract. A case that needs a capability which the driver does
 * not declare is skipped through the framework (`context.skip`), with the reason.
 *
 * @example
 * ```ts
 * import { memory, testDriver } from '@s3db-backup/driver-testkit'
 * import { test } from 'node:test'
 *
 * testDriver({ test, factory: () => memory() })
 * ```
 */
export function testDriver({ test, ...rest }: { readonly test: TestFunction } & Subject & RunOptions): void {
  const options = { ...rest, prefix: rest.prefix ?? scratchPrefix(), signal: new AbortController().signal }
  // Rest parameters, because some frameworks count parameters to decide whether the function takes a callback.
  for (const each of contractCases) test(each.title, (...context) => runOnce(each, options, context[0]))
}

async function runOnce(
  each: ContractCase,
  options: Subject & RunOptions & { readonly prefix: string; readonly signal: AbortSignal },
  testContext: unknown,
): Promise<void> {
  const driver = options.driver ?? (await options.factory())
  try {
    const reason = skipReason(each, driver)
    if (reason !== undefined) return skip(testContext, reason)
    const { failure } = await runCase(each, driver, options)
    if (failure !== undefined) throw failure.error
  } finally {
    if (options.driver === undefined) await driver.close?.()
  }
}

/** node:test gives an object that can skip, vitest a function. Where there is neither, the case counts as passed. */
function skip(testContext: unknown, reason: string): void {
  const mayHaveIt = typeof testContext === 'object' || typeof testContext === 'function'
  if (!mayHaveIt || testContext === null || !('skip' in testContext)) return
  const { skip: skipTest } = testContext
  if (typeof skipTest === 'function') skipTest.call(testContext, reason)
}
