import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { patternAt, patterned } from '@s3db-backup/driver-testkit'
import { afterAll, expect, it } from 'vitest'
import { testBucket } from '../test/bucket.js'
import type { S3Options } from './options.js'
import { type S3Driver, s3 } from './s3.js'

const bucket = await testBucket()
const { signal } = new AbortController()
const sizes = [1000, 9_000_000]
const opened: S3Driver[] = []
afterAll(async () => {
  for (const driver of opened) await driver.close?.()
  await bucket.remove()
})

function driverWith(options: Partial<S3Options>): S3Driver {
  const driver = s3({ ...bucket.options, ...options })
  opened.push(driver)
  return driver
}

async function read(driver: S3Driver, key: string, offset = 0): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of driver.get(key, { kind: 'part', signal, offset })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const headOf = (key: string) =>
  bucket.client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: `${bucket.options.prefix}/${key}` }))

it.each(sizes)('an object of %i bytes with a customer key can be read with that key only', async (size) => {
  const key = `customer-${size}`
  const driver = driverWith({ sseCustomerKey: Buffer.alloc(32, 'a').toString('base64') })
  await driver.put(key, patterned(size), { kind: 'part', signal })
  expect((await read(driver, key, 500)).equals(patternAt(500, size - 500))).toBe(true)
  // moto returns the bytes with any key, and without one.
  if (bucket.endpoint.server === 'moto') return
  await expect(read(driverWith({}), key)).rejects.toMatchObject({ name: 'BackupError' })
  const wrong = driverWith({ sseCustomerKey: Buffer.alloc(32, 'b').toString('base64') })
  await expect(read(wrong, key)).rejects.toMatchObject({ name: 'BackupError' })
})

it.runIf(bucket.endpoint.kmsKeyId).each(sizes)(
  'an object of %i bytes is encrypted with the KMS key',
  async (size) => {
    const key = `kms-${size}`
    const kmsKeyId = String(bucket.endpoint.kmsKeyId)
    const driver = driverWith({ serverSideEncryption: 'aws:kms', kmsKeyId })
    await driver.put(key, patterned(size), { kind: 'part', signal })
    expect(await headOf(key)).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId })
    expect((await read(driver, key)).equals(patternAt(0, size))).toBe(true)
  },
)

it('AES256 is asked for', async () => {
  const driver = driverWith({ serverSideEncryption: 'AES256' })
  await driver.put('aes', patterned(1000), { kind: 'part', signal })
  expect((await read(driver, 'aes')).equals(patternAt(0, 1000))).toBe(true)
  // Ceph 16 accepts the request and does not say what it did with it.
  if (bucket.endpoint.server !== 'ceph')
    expect(await headOf('aes')).toMatchObject({ ServerSideEncryption: 'AES256' })
})
