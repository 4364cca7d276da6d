import { inspect } from 'node:util'
import { CreateBucketCommand, DeleteBucketCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3'
import { isBackupError } from '@s3db-backup/core'
import { patterned } from '@s3db-backup/driver-testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { testBucket } from '../../test/bucket.js'
import { throughFaults } from '../../test/through-faults.js'
import type { S3Options } from '../options.js'
import { type S3Driver, s3 } from '../s3.js'

const bucket = await testBucket()
const { signal } = new AbortController()
afterAll(() => bucket.remove())

const { accessKeyId, secretAccessKey } = bucket.endpoint.credentials
// One test server does not check credentials; what it allows says nothing about the driver.
const checksCredentials = bucket.endpoint.server !== 'moto'

async function listing(options: Partial<S3Options>): Promise<unknown> {
  const driver = s3({ ...bucket.options, ...options })
  try {
    for await (const _ of driver.list('', { signal }));
    return undefined
  } catch (error) {
    return error
  } finally {
    await driver.close?.()
  }
}

describe.runIf(checksCredentials)('credentials', () => {
  it('a wrong secret and an unknown key give different errors, and neither is shown', async () => {
    const wrong = await listing({ credentials: { accessKeyId, secretAccessKey: 'not-the-secret-1234' } })
    const unknown = await listing({ credentials: { accessKeyId: 'NOBODYSKEY0000000009', secretAccessKey } })
    expect(wrong).toMatchObject({
      code: 'permission_denied',
      metadata: { answer: 'SignatureDoesNotMatch' },
      suggestion: expect.stringContaining('secretAccessKey'),
    })
    expect(unknown).toMatchObject({
      code: 'permission_denied',
      metadata: { answer: 'InvalidAccessKeyId' },
      suggestion: expect.stringContaining('accessKeyId'),
    })
    const shown = [wrong, unknown]
      .map((error) => `${inspect(error, { depth: 10, showHidden: true })}${JSON.stringify(error)}`)
      .join()
    for (const secret of ['not-the-secret-1234', secretAccessKey, 'AWS4-HMAC'])
      expect(shown).not.toContain(secret)
  })

  it.runIf(bucket.endpoint.other)('a denied action is named, and all others still work', async () => {
    const allowed = [
      's3:ListBucket',
      's3:GetObject',
      's3:PutObject',
      's3:ListBucketMultipartUploads',
      's3:AbortMultipartUpload',
    ]
    await allow(allowed)
    const other = s3({ ...bucket.options, credentials: bucket.endpoint.other })
    await other.put('x', patterned(10), { kind: 'part', signal })
    const error = await other.delete('x', { signal }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'permission_denied',
      metadata: { action: 's3:DeleteObject', key: `${bucket.options.prefix}/x` },
    })
    expect(String(error)).toContain('s3:DeleteObject')
    await other.close?.()
  })

  it.runIf(bucket.endpoint.other)('a user who may only write can still back up', async () => {
    const owner = s3(bucket.options)
    await owner.put('theirs', patterned(10), { kind: 'part', signal })
    await owner.close?.()
    await allow(['s3:PutObject'])
    const other = s3({ ...bucket.options, partSize: 5 * 1024 * 1024, credentials: bucket.endpoint.other })
    await expect(other.put('large', patterned(6_000_000), { kind: 'part', signal })).resolves.toEqual({
      bytes: 6_000_000,
    })
    await expect(read(other, 'theirs')).rejects.toMatchObject({ metadata: { action: 's3:GetObject' } })
    await other.close?.()
  })
})

async function allow(actions: readonly string[]): Promise<void> {
  const Resource = [`arn:aws:s3:::${bucket.name}`, `arn:aws:s3:::${bucket.name}/*`]
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: actions, Resource }]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await bucket.client.send(new PutBucketPolicyCommand({ Bucket: bucket.name, Policy }))
}

async function read(driver: S3Driver, key: string): Promise<void> {
  for await (const _ of driver.get(key, { kind: 'part', signal }));
}

it('a missing bucket is not found, by its name', async () => {
  expect(await listing({ bucket: 'no-such-bucket-5a3d' })).toMatchObject({
    code: 'not_found',
    message: expect.stringContaining('no-such-bucket-5a3d'),
  })
})

it('a missing object is not found, by its key', async () => {
  const driver = s3(bucket.options)
  await expect(read(driver, 'gone')).rejects.toMatchObject({
    code: 'not_found',
    metadata: { key: `${bucket.options.prefix}/gone` },
  })
  await driver.close?.()
})

it('a missing server is unavailable', async () => {
  expect(await listing({ endpoint: 'http://127.0.0.1:1' })).toMatchObject({
    code: 'unavailable',
    retriable: true,
  })
})

it('an existing object is a conflict, and stays unchanged', async () => {
  const driver = s3(bucket.options)
  await driver.put('once', patterned(1000), { kind: 'part', signal })
  await expect(driver.put('once', patterned(2000), { kind: 'part', signal })).rejects.toMatchObject({
    code: 'conflict',
  })
  let bytes = 0
  for await (const chunk of driver.get('once', { kind: 'part', signal })) bytes += chunk.byteLength
  expect(bytes).toBe(1000)
  await driver.close?.()
})

it('at most one of several writers of a key wins', async () => {
  const driver = s3(bucket.options)
  const writers = Array.from({ length: 8 }, (_, index) =>
    driver.put('race', patterned(1000 + index), { kind: 'part', signal }),
  )
  const outcomes = await Promise.allSettled(writers)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(isBackupError(outcome.reason, 'conflict')).toBe(true)
  await driver.close?.()
})

it.each([
  [
    301,
    'PermanentRedirect',
    { code: 'invalid_options', suggestion: "Set region to 'eu-west-7'.", metadata: { region: 'eu-west-7' } },
  ],
  [400, 'ExpiredToken', { code: 'permission_denied', message: expect.stringContaining('expired') }],
  [403, 'RequestTimeTooSkewed', { code: 'permission_denied', suggestion: expect.stringContaining('clock') }],
  [403, 'QuotaExceeded', { code: 'no_space' }],
  [501, 'NotImplemented', { code: 'unsupported' }],
  [418, 'Teapot', { code: 'internal', message: expect.stringContaining('Teapot') }],
])('the answer %i %s is explained', async (status, code, explained) => {
  const faulty = await throughFaults(bucket)
  faulty.proxy.add({ match: /^GET/, fault: { kind: 'answer', status, code, region: 'eu-west-7' } })
  await expect(read(faulty.driver, 'x')).rejects.toMatchObject({ driver: 's3', ...explained })
  await faulty.close()
})

it('the driver itself shows no credentials', async () => {
  const driver = s3(bucket.options)
  const shown = inspect(driver, { depth: 10, showHidden: true }) + JSON.stringify(driver)
  expect(shown).not.toContain(secretAccessKey)
  await driver.close?.()
})

it('a bucket of another account is denied', async ({ skip }) => {
  if (bucket.endpoint.other === undefined || !checksCredentials) return skip('needs a second account')
  const foreign = `${bucket.name}-own`.slice(0, 60)
  await bucket.client.send(new CreateBucketCommand({ Bucket: foreign }))
  expect(await listing({ bucket: foreign, credentials: bucket.endpoint.other })).toMatchObject({
    code: 'permission_denied',
    metadata: { action: 's3:ListBucket' },
  })
  await bucket.client.send(new DeleteBucketCommand({ Bucket: foreign }))
})
