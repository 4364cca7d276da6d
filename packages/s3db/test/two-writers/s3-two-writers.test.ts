import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../../tooling/s3/test-server.ts'
import { sized } from '../../../../tooling/test/sized.ts'
import { soak } from './soak.js'

const { address } = await s3Server()

it('backups of a database on S3 that two processes write to have each record as it once was meanwhile', async () => {
  const figures = await soak({
    connectionString: address('two-writers'),
    options: onS3,
    ...{ replacesOnly: true, sharedDeletes: true },
    length: sized({ quick: 0, full: 30_000 }),
    still: sized({ quick: 100, full: 1000 }),
    seed: 7,
  })
  expect(figures.compared).toBeGreaterThan(0)
})
