import { describe, test } from 'vitest'
import { memory } from './doubles/memory.js'
import { testDriver } from './test-driver.js'

describe('memory() meets the driver contract', () => {
  testDriver({ test, factory: () => memory() })
})

describe('memory() without range and clock meets the rest of it', () => {
  testDriver({ test, factory: () => memory({ range: false, clock: false }) })
})
