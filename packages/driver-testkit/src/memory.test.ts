import { describe, test } from 'vitest'
import { memory } from './doubles/memory.js'
import { testDriver } from './test-driver.js'

describe('memory() meets the driver contract', () => {
  testDriver({ test: (name, run) => test(name, run, 30_000), factory: () => memory() })
})

describe('memory() without range meets the rest of it', () => {
  testDriver({ test: (name, run) => test(name, run, 30_000), factory: () => memory({ range: false }) })
})
