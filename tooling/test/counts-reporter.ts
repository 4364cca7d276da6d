import { writeSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** Prints `N passed, N failed, N skipped` after everything else, for people and scripts that read the last line. */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        // A test that never ended did not pass.
        count[state === 'pending' ? 'failed' : state] += 1
      }
      // Files that failed to load and suites whose hooks failed have errors but no failed test of their own.
      const suites = [module, ...module.children.allSuites()]
      count.failed += suites.filter((suite) => suite.errors().length > 0).length
    }
    const line = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`
    process.once('exit', () => writeSync(1, line))
  }
}
