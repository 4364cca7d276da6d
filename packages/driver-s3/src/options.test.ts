import { S3Client } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { parseS3Options } from './options.js'
import { s3 } from './s3.js'

function refusal(options: object): unknown {
  try {
    // What people write does not always match the types.
    return s3({ bucket: 'b', ...options } as Parameters<typeof s3>[0])
  } catch (error) {
    return error
  }
}

it.each([
  ['an option that does not exist', { regoin: 'x' }, /regoin.*region/],
  ['a storage class that does not exist', { storageClass: 'COLD' }, /storageClass/],
  ['parts below 5 MiB', { partSize: 1024 }, /partSize/],
  ['a KMS key without KMS', { kmsKeyId: 'k' }, /kmsKeyId: needs serverSideEncryption/],
  ['a customer key of the wrong size', { sseCustomerKey: 'c2hvcnQ=' }, /sseCustomerKey: must be 32 bytes/],
  ['an endpoint that is no URL', { endpoint: 'localhost:9000' }, /endpoint/],
  [
    'a region beside a client',
    { client: new S3Client({ region: 'x' }), region: 'y' },
    /client brings its own/,
  ],
])('%s is refused before anything is sent', (_name, options, message) => {
  expect(refusal(options)).toMatchObject({
    code: 'invalid_options',
    driver: 's3',
    message: expect.stringMatching(message),
  })
})

it('a secret is not repeated when it is refused', () => {
  const error = refusal({ credentials: { accessKeyId: '', secretAccessKey: 'hunter2-hunter2' } })
  expect(error).toMatchObject({ code: 'invalid_options' })
  expect(JSON.stringify(error)).not.toContain('hunter2')
})

it('declares the maximum size of an object', () => {
  const mebibyte = 1024 * 1024
  expect(s3({ bucket: 'b', region: 'x' }).capabilities).toEqual({
    range: true,
    maxObjectBytes: 80_000 * mebibyte,
  })
})

it('a given client is not closed', async () => {
  let destroyed = false
  const client = new S3Client({ region: 'x' })
  client.destroy = () => {
    destroyed = true
  }
  await s3({ bucket: 'b', client }).close?.()
  expect(destroyed).toBe(false)
})

describe('the name of a provider sets its options', () => {
  it.each([
    [
      { provider: 'r2', endpoint: 'https://0a1b.r2.cloudflarestorage.com' },
      { region: 'auto', endpoint: 'https://0a1b.r2.cloudflarestorage.com' },
    ],
    [
      { provider: 'b2', region: 'eu-central-003' },
      { endpoint: 'https://s3.eu-central-003.backblazeb2.com', requestChecksumCalculation: 'WHEN_REQUIRED' },
    ],
    [
      { provider: 'b2', endpoint: 'https://s3.us-west-004.backblazeb2.com' },
      { region: 'us-west-004', requestChecksumCalculation: 'WHEN_REQUIRED' },
    ],
    [
      { provider: 'ceph', endpoint: 'http://rgw:7480' },
      { region: 'us-east-1', forcePathStyle: true },
    ],
    [
      { provider: 'minio', endpoint: 'http://minio:9000' },
      { region: 'us-east-1', forcePathStyle: true },
    ],
    // Explicit options stay as given.
    [
      { provider: 'minio', endpoint: 'http://minio:9000', region: 'here', forcePathStyle: false },
      { region: 'here', forcePathStyle: false },
    ],
  ])('%o', (options, checked) => {
    const parsed = parseS3Options({ bucket: 'b', ...options })
    expect(parsed).toMatchObject(checked)
    expect(parseS3Options(parsed)).toEqual(parsed)
  })

  it.each([
    [{ provider: 'r2' }, /endpoint: provider r2 needs https:\/\/<account id>/],
    [{ provider: 'r2', endpoint: 'https://dash.cloudflare.com' }, /endpoint: provider r2 needs/],
    [{ provider: 'b2' }, /endpoint: provider b2 needs https:\/\/s3\.<region>/],
    [
      { provider: 'b2', endpoint: 'http://s3.us-west-004.backblazeb2.com' },
      /endpoint: provider b2 needs https/,
    ],
    [{ provider: 'b2', region: 'us-west-004', tags: { team: 'a' } }, /tags: B2 refuses/],
    [{ provider: 'minio' }, /endpoint: provider minio needs/],
    [{ provider: 'wasabi' }, /provider/],
  ])('%o is refused', (options, message) => {
    expect(refusal(options)).toMatchObject({
      code: 'invalid_options',
      message: expect.stringMatching(message),
    })
  })
})
