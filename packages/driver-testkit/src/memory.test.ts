import { describe, test } from 'vitest'
import { memory } from './doubles/memory.js'
import { testDriver } from './test-driver.js'

/** How long a machine may be busy before it counts as hanging, in ms. */
const patience = 300_000

describe('memory() meets the driver contract', () => {
  testDriver({ test, patience, factory: () => memory() })
})

describe('memory() without range and clock meets the rest of it', () => {
  testDriver({ test, patience, factory: () => memory({ range: false, clock: false }) })
})
