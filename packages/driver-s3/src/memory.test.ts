import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { withBallast } from '../../../tooling/test/with-ballast.ts'
import { testBucket } from '../test/bucket.js'

const bucket = await testBucket()
afterAll(() => bucket.remove())
const mebibyte = 1024 * 1024
/**
 * What the upload may take, in MiB: 155 on an idle machine with Node 24, 159 to 164 with 22 and 26. The least that
 * lib-storage can do is 176.
 */
const most = process.versions.node.startsWith('24.') ? 160 : 176

async function upAndDown(mebibytes: number, env: NodeJS.ProcessEnv = process.env) {
  const script = join(import.meta.dirname, '../test/upload-and-report.mjs')
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(mebibytes * mebibyte)], {
    env: { ...env, DRIVER_OPTIONS: JSON.stringify(bucket.options) },
  })
  return JSON.parse(stdout)
}

it(`a stream of 256 MiB is uploaded in less than ${most} MiB of memory, and downloaded without being held`, async () => {
  let least = { sent: Number.POSITIVE_INFINITY, peak: Number.POSITIVE_INFINITY }
  // A busy machine collects garbage later. Memory that is really held shows in every run.
  for (let run = 1; run <= 4 && least.sent >= most; run++) {
    const { bytes, read, sent, peak } = await upAndDown(256)
    process.stdout.write(`256 MiB through the S3 driver: peak memory ${sent} MiB up, ${peak} MiB down\n`)
    expect({ bytes, read }).toEqual({ bytes: 256 * mebibyte, read: 256 * mebibyte })
    if (sent < least.sent) least = { sent, peak }
  }
  expect(least.sent).toBeLessThan(most)
  expect(least.peak).toBeLessThan(256)
})

it('the measurement detects an upload that holds too much memory', async () => {
  expect((await upAndDown(1, withBallast(most))).sent).toBeGreaterThan(most)
})
