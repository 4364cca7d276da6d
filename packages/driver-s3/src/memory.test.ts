import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { testBucket } from '../test/bucket.js'

const bucket = await testBucket()
afterAll(() => bucket.remove())
const mebibyte = 1024 * 1024

it('a stream of 256 MiB goes up in less than 160 MiB of memory, and down again without being held', async () => {
  const script = join(import.meta.dirname, '../test/upload-and-report.mjs')
  const env = { ...process.env, DRIVER_OPTIONS: JSON.stringify(bucket.options) }
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(256 * mebibyte)], { env })
  const { bytes, read, sent, peak } = JSON.parse(stdout)
  process.stdout.write(`256 MiB through the S3 driver: peak memory ${sent} MiB up, ${peak} MiB down\n`)
  expect({ bytes, read }).toEqual({ bytes: 256 * mebibyte, read: 256 * mebibyte })
  expect(sent).toBeLessThan(160)
  expect(peak).toBeLessThan(256)
}, 120_000)
