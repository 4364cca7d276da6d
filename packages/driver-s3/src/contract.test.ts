import { testDriver } from '@s3db-backup/driver-testkit'
import { afterAll, expect, test } from 'vitest'
import { testBucket } from '../test/bucket.js'
import { s3 } from './s3.js'

const bucket = await testBucket()
afterAll(async () => {
  // Whatever was aborted or refused on the way, nothing of it may still be open.
  const open = await bucket.openUploads()
  await bucket.remove()
  expect(open).toEqual([])
})

testDriver({ test, factory: () => s3(bucket.options) })
