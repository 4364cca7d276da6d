import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { objectKinds, type PutCall } from '@s3db-backup/core'
import { patterned } from '@s3db-backup/driver-testkit'
import { afterAll, expect, it } from 'vitest'
import { testBucket } from '../test/bucket.js'
import { s3 } from './s3.js'

const bucket = await testBucket()
const driver = s3({
  ...bucket.options,
  storageClass: 'GLACIER',
  tags: { team: 'data & more' },
  timeout: 300_000,
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

it('parts get the requested storage class, whatever their names', async () => {
  for (const file of ['users.jsonl.gz', 'p0001.jsonl.gz.enc', 'users.index.jsonl', 's3db.json']) {
    await driver.put(`cold/${file}`, patterned(10), { kind: 'part', signal })
    expect(await classOf(`cold/${file}`)).toBe('GLACIER')
  }
})

it.each(objectKinds.filter((kind) => kind !== 'part'))(
  'what is stored as %s stays readable at once, whatever it is called',
  async (kind) => {
    await driver.put(`hot/${kind}/p0001.jsonl.gz.enc`, patterned(10), { kind, signal })
    expect(await classOf(`hot/${kind}/p0001.jsonl.gz.enc`)).toBe('STANDARD')
  },
)

it('objects of a later version’s kind stay readable at once', async () => {
  const later: object = { kind: 'sketch', signal }
  await driver.put('hot/later', patterned(10), later as PutCall)
  expect(await classOf('hot/later')).toBe('STANDARD')
})

it('a multipart upload gets the storage class as well', async () => {
  await driver.put('cold/large', patterned(9_000_000), { kind: 'part', signal })
  expect(await classOf('cold/large')).toBe('GLACIER')
})
