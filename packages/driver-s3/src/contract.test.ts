import { testDriver } from '@s3db-backup/driver-testkit'
import { afterAll, expect, test } from 'vitest'
import { sized } from '../../../tooling/test/sized.ts'
import { testBucket } from '../test/bucket.js'
import { s3 } from './s3.js'

const bucket = await testBucket()
afterAll(async () => {
  // After aborts and refusals no upload may still be open.
  const open = await bucket.openUploads()
  await bucket.remove()
  expect(open).toEqual([])
})

testDriver({
  test,
  factory: () => s3(bucket.options),
  // A page of a listing has a thousand objects.
  manyObjects: sized({ quick: 100, full: 1100 }),
  // The machine may be busy for longer than an abort should take.
  patience: 300_000,
})
