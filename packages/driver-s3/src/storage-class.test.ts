import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { patterned } from '@s3db-backup/driver-testkit'
import { afterAll, expect, it } from 'vitest'
import { testBucket } from '../test/bucket.js'
import { s3 } from './s3.js'

const bucket = await testBucket()
const driver = s3({
  ...bucket.options,
  storageClass: 'GLACIER',
  tags: { team: 'data & more' },
  timeout: 30_000,
})
const { signal } = new AbortController()
afterAll(async () => {
  await driver.close?.()
  await bucket.remove()
})

async function classOf(key: string): Promise<string> {
  const { StorageClass = 'STANDARD' } = await bucket.client.send(
    new HeadObjectCommand({ Bucket: bucket.name, Key: `${bucket.options.prefix}/${key}` }),
  )
  return StorageClass
}

it.each([
  's3db.json',
  'users.index.jsonl.gz',
  'users.index.2.jsonl.gz',
  'users.lost.jsonl',
  'keys.json',
  'keys-2.json',
  'started.json',
  'failed.json',
  'deleted.2.json',
  'restore-596e811e468def24.json',
])('%s stays readable at once, whatever the storage class of the parts', async (file) => {
  await driver.put(`hot/${file}`, patterned(10), { signal })
  expect(await classOf(`hot/${file}`)).toBe('STANDARD')
})

it.each(['users.jsonl.gz', 'index.jsonl.gz', 's3db.json.jsonl', 'keyboards.jsonl', 'users.raw.jsonl.gz'])(
  '%s gets the storage class that was asked for',
  async (file) => {
    await driver.put(`cold/${file}`, patterned(10), { signal })
    expect(await classOf(`cold/${file}`)).toBe('GLACIER')
  },
)

it('a multipart upload gets the storage class as well', async () => {
  await driver.put('cold/large', patterned(9_000_000), { signal })
  expect(await classOf('cold/large')).toBe('GLACIER')
})
