import { PutBucketPolicyCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import type { Finding } from '@s3db-backup/core/internal'
import { afterAll, describe, expect, it } from 'vitest'
import type { QuirkName } from '../../../../tooling/s3/quirks.ts'
import { testBucket } from '../../test/bucket.js'
import { quirky } from '../../test/quirky.js'
import { throughFaults } from '../../test/through-faults.js'
import type { S3Options } from '../options.js'
import { s3 } from '../s3.js'
import type { Check } from './finding.js'

const bucket = await testBucket()
const { signal } = new AbortController()
afterAll(() => bucket.remove())

async function examine(options: Partial<S3Options> = {}): Promise<readonly Finding[]> {
  const driver = s3({ ...bucket.options, ...options })
  try {
    return await driver.doctor({ signal })
  } finally {
    await driver.close?.()
  }
}

const about = (findings: readonly Finding[], check: Check) =>
  findings.find((finding) => finding.check === check)

it('finds no problem in a working bucket, and leaves nothing there', async () => {
  const findings = await examine()
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([])
  expect(findings.map(({ check }) => check)).toEqual(
    'access clock write read multipart write-once checksums listing listing-order delete versioning object-lock'.split(
      ' ',
    ),
  )
  expect(await bucket.keys()).toEqual([])
  expect(await bucket.openUploads()).toEqual([])
})

it('reports only that a bucket is missing', async () => {
  expect(await examine({ bucket: 'no-such-bucket-5a3d' })).toMatchObject([
    { check: 'access', level: 'problem', error: { code: 'not_found' } },
    { check: 'clock' },
  ])
})

describe.runIf(bucket.endpoint.server !== 'moto')('rights', () => {
  it('a wrong secret is the only problem reported', async () => {
    const credentials = { ...bucket.endpoint.credentials, secretAccessKey: 'wrong' }
    const [finding] = await examine({ credentials })
    expect(finding).toMatchObject({
      check: 'access',
      level: 'problem',
      error: { metadata: { answer: 'SignatureDoesNotMatch' } },
    })
  })

  it.runIf(bucket.endpoint.other)('all missing actions are named at once', async () => {
    const Resource = [`arn:aws:s3:::${bucket.name}`, `arn:aws:s3:::${bucket.name}/*`]
    const Statement = [
      { Effect: 'Allow', Principal: '*', Action: ['s3:PutObject', 's3:ListBucket'], Resource },
    ]
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
    await bucket.client.send(new PutBucketPolicyCommand({ Bucket: bucket.name, Policy }))
    const findings = await examine({ credentials: bucket.endpoint.other })
    const missing = findings.flatMap(({ error }) => (error === undefined ? [] : [error.metadata.action]))
    expect(missing).toContain('s3:DeleteObject')
    expect(missing).toContain('s3:AbortMultipartUpload')
    expect(missing).not.toContain('s3:PutObject')
  })
})

it.runIf(bucket.endpoint.server in { ceph: 0, local: 0 })(
  'explains what versioning means for prune',
  async () => {
    const versioned = await testBucket()
    const set = (Status: 'Enabled' | 'Suspended') =>
      versioned.client.send(
        new PutBucketVersioningCommand({ Bucket: versioned.name, VersioningConfiguration: { Status } }),
      )
    await set('Enabled')
    const driver = s3({ ...versioned.options, prefix: 'v' })
    expect(about(await driver.doctor({ signal }), 'versioning')).toMatchObject({
      level: 'note',
      suggestion: expect.stringContaining('noncurrent'),
    })
    await driver.close?.()
    versioned.client.destroy()
  },
)

it('a setting that the server does not accept is a problem', async () => {
  const faulty = await throughFaults(bucket)
  faulty.proxy.add({ match: /^PUT/, fault: { kind: 'answer', status: 400, code: 'InvalidStorageClass' } })
  expect(about(await faulty.driver.doctor({ signal }), 'write')).toMatchObject({
    level: 'problem',
    error: { code: 'invalid_options' },
  })
  await faulty.close()
})

it('an object lock that the bucket does not have is a problem', async () => {
  const findings = await examine({ objectLock: { mode: 'GOVERNANCE', days: 1 } })
  expect(about(findings, 'object-lock')).toMatchObject({ level: 'problem' })
})

it('a server without conditional writes gets a note, and its backups still work', async () => {
  const faulty = await throughFaults(bucket)
  // Answers like a server without conditions; requests without one pass.
  faulty.proxy.add({
    match: /^PUT/,
    onlyWith: 'if-none-match',
    fault: { kind: 'answer', status: 501, code: 'NotImplemented' },
  })
  const findings = await faulty.driver.doctor({ signal })
  expect(about(findings, 'write')).toMatchObject({ level: 'ok' })
  expect(about(findings, 'write-once')).toMatchObject({ level: 'note' })
  await faulty.close()
})

describe('differences of a server are found before the first backup', () => {
  it.each<[QuirkName, Check, object]>([
    ['checksums-400', 'checksums', { level: 'note', suggestion: expect.stringContaining('WHEN_REQUIRED') }],
    ['checksums-501', 'checksums', { level: 'note' }],
    ['conditions-405', 'write-once', { level: 'note' }],
    ['conditions-501-html', 'write-once', { level: 'note' }],
    ['keys-repeated', 'listing', { level: 'note', message: expect.stringContaining('repeats keys') }],
    ['no-token', 'listing', { level: 'note', message: expect.stringContaining('token') }],
    ['never-the-end', 'access', { level: 'ok' }],
    ['never-the-end', 'listing', { level: 'problem', error: { code: 'unavailable' } }],
    ['same-token', 'listing', { level: 'problem', error: { code: 'unavailable' } }],
    ['console', 'access', { level: 'problem', message: expect.stringContaining('no S3 endpoint') }],
    [
      'empty-listing-page',
      'access',
      { level: 'problem', message: expect.stringContaining('no S3 endpoint') },
    ],
    ['proxy-413', 'multipart', { level: 'problem', suggestion: expect.stringContaining('partSize') }],
    ['proxy-502', 'access', { level: 'problem', error: { code: 'unavailable' } }],
    ['storage-cap', 'write', { level: 'problem', error: { code: 'no_space' } }],
    ['always-exists', 'write', { level: 'problem', error: { code: 'conflict' } }],
  ])('%s, in %s', async (quirk, check, finding) => {
    const own = await testBucket()
    const { driver, close } = await quirky(own, quirk)
    expect(about(await driver.doctor({ signal }), check)).toMatchObject(finding)
    await close()
    expect(await own.openUploads()).toEqual([])
    expect(await own.keys()).toEqual([])
    await own.remove()
  })
})
