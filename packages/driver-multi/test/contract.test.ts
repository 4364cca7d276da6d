import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { memory, testDriver } from '@s3db-backup/driver-testkit'
import { afterAll, describe, test } from 'vitest'
import { sized } from '../../../tooling/test/sized.ts'
import { multi, type Strategy } from '../src/index.js'

const root = mkdtempSync(join(tmpdir(), 'multi-contract-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const files = () => filesystem({ path: mkdtempSync(join(root, 'place-')) })
/** How long a machine may be busy before it counts as hanging, in ms. */
const patience = 300_000
const hugeBytes = sized({ quick: 2_000_000, full: 32 * 1024 * 1024 })
const strategies: readonly Strategy[] = ['all', 'any', 'priority']

describe.each(strategies)('multi() with the strategy "%s"', (strategy) => {
  describe('meets the driver contract over memory', () => {
    testDriver({
      test,
      manyObjects: 60,
      hugeBytes,
      patience,
      factory: () => multi({ strategy, drivers: [memory(), memory(), memory()] }),
    })
  })

  describe('meets it over files and over a storage without ranges', () => {
    testDriver({
      test,
      manyObjects: 60,
      hugeBytes,
      patience,
      factory: () => multi({ strategy, drivers: [files(), memory({ range: false })] }),
    })
  })
})
