import { expect, it } from 'vitest'
import { sized } from '../../../../tooling/test/sized.ts'
import { address } from '../databases.js'
import { soak } from './soak.js'

it('backups of a database in files that two processes write to have each record as it once was meanwhile', async () => {
  const figures = await soak({
    connectionString: address('file'),
    options: {},
    ...{ replacesOnly: false, sharedDeletes: false },
    length: sized({ quick: 0, full: 30_000 }),
    still: sized({ quick: 100, full: 1000 }),
    seed: 7,
  })
  expect(figures.compared).toBeGreaterThan(0)
})
