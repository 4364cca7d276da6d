import { writeSync } from 'node:fs'
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from 'vitest/node'

/**
 * Prints what failed, a line each, and `N passed, N failed, N skipped` after everything else, for people and scripts
 * that read the last lines.
 */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    const failures = unhandledErrors.map((error) => failureLine('outside of tests', [error]))
    for (const module of modules) {
      const file = module.relativeModuleId
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        // A test that never ended did not pass.
        const failed = state === 'failed' || state === 'pending'
        count[failed ? 'failed' : state] += 1
        if (failed) failures.push(failureLine(`${file} > ${test.fullName}`, errorsOf(test)))
      }
      // Files that failed to load and suites whose hooks failed have errors but no failed test of their own.
      for (const suite of [module, ...module.children.allSuites()]) {
        if (suite.errors().length === 0) continue
        count.failed += 1
        failures.push(failureLine(nameOf(suite, file), suite.errors()))
      }
    }
    const counts = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`
    process.once('exit', () => writeSync(1, `${[...failures, counts].join('\n')}\n`))
  }
}

function errorsOf(test: TestCase): readonly { readonly message: string }[] {
  return test.result().errors ?? []
}

function nameOf(suite: TestModule | TestSuite, file: string): string {
  return suite.type === 'module' ? file : `${file} > ${suite.fullName}`
}

/** One line, however long the message is: `.ci/suites.sh` collects these at the end. */
function failureLine(name: string, errors: readonly { readonly message: string }[]): string {
  const [firstLine = ''] = (errors[0]?.message ?? 'did not end').trim().split('\n')
  return `failed test: ${name}: ${firstLine.slice(0, 200)}`
}
