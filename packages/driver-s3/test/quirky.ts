import { addQuirk, type QuirkName } from '../../../tooling/s3/quirks.ts'
import type { S3Options } from '../src/index.js'
import type { TestBucket } from './bucket.js'
import { type FaultyDriver, throughFaults } from './through-faults.js'

/** A driver whose server has the quirks of that name. The client is the driver's own, unless other options are given. */
export async function quirky(
  bucket: Pick<TestBucket, 'endpoint' | 'options'>,
  names: QuirkName | readonly QuirkName[],
  options: Partial<S3Options> = {},
): Promise<FaultyDriver> {
  const faulty = await throughFaults(bucket, { options, maxAttempts: 2 })
  for (const name of [names].flat()) addQuirk(faulty.proxy, name)
  return faulty
}
