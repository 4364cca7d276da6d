import { PutObjectCommand } from '@aws-sdk/client-s3'
import { patterned } from '@s3db-backup/driver-testkit'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QuirkName } from '../../../tooling/s3/quirks.ts'
import { testBucket } from '../test/bucket.js'
import { quirky } from '../test/quirky.js'
import { connect } from './connection/connection.js'
import { listObjects, type Oddity } from './listing.js'
import { seenKeys } from './seen-keys.js'

const bucket = await testBucket()
const { signal } = new AbortController()
const keys = ['b-1/s3db.json', 'b-1/users.jsonl.gz', 'b-2/s3db.json', 'b-2/ü +.jsonl.gz', 'b-3/s3db.json']

beforeAll(async () => {
  for (const key of keys)
    await bucket.client.send(
      new PutObjectCommand({ Bucket: bucket.name, Key: `${bucket.options.prefix}/${key}`, Body: key }),
    )
})
afterAll(() => bucket.remove())

/** Lists with two objects a page, so that there are several. */
async function listing(quirk: QuirkName | readonly QuirkName[]) {
  const { proxy, driver, close } = await quirky(bucket, quirk)
  const connection = connect({ ...bucket.options, endpoint: proxy.url })
  const oddities = new Set<Oddity>()
  const found: string[] = []
  try {
    const objects = listObjects(
      connection,
      '',
      { signal },
      { pageSize: 2, onOddity: (oddity) => oddities.add(oddity) },
    )
    for await (const { key } of objects) found.push(key)
    return { found: found.sort(), oddities: [...oddities] }
  } finally {
    connection.close()
    await driver.close?.()
    await close()
  }
}

describe('a listing has each object once, and all of them, from a server', () => {
  it.each<[string, QuirkName | QuirkName[], Oddity[]]>([
    ['that does as Amazon S3 does', [], []],
    ['that repeats keys', 'keys-repeated', ['keys repeated']],
    ['that gives no token for the next page', 'no-token', ['no token']],
    ['whose first page is empty', 'first-page-empty', []],
    ['that encodes keys', 'keys-encoded', ['keys encoded']],
    ['that repeats keys and gives no token', ['no-token', 'keys-repeated'], ['no token']],
  ])('%s', async (_name, quirk, oddities) => {
    expect(await listing(quirk)).toEqual({ found: [...keys].sort(), oddities })
  })
})

it('folder markers with a slash are not objects', async () => {
  const { found } = await listing('folder-markers')
  expect(found.filter((key) => key.endsWith('/'))).toEqual([])
  expect(found).toEqual(expect.arrayContaining(keys))
})

describe('an incomplete listing is an error: a server', () => {
  it.each<QuirkName>(['never-the-end', 'same-token'])('%s', async (quirk) => {
    await expect(listing(quirk)).rejects.toMatchObject({
      code: 'unavailable',
      driver: 's3',
      message: expect.stringContaining('broke off'),
    })
  })
})

it('a prefix finds exactly the keys that begin with it', async () => {
  const { driver, close } = await quirky(bucket, [])
  const found: string[] = []
  for await (const { key } of driver.list('b-2/', { signal })) found.push(key)
  expect(found).toEqual(['b-2/s3db.json', 'b-2/ü +.jsonl.gz'])
  await driver.put('b-4/x', patterned(1), { kind: 'part', signal })
  await driver.delete('b-4/x', { signal })
  await close()
})

it('whatever a server repeats, each key counts once', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 })), fc.array(fc.nat()), (names, again) => {
      const seen = seenKeys()
      const given = [...names, ...again.flatMap((at) => names.slice(at % (names.length + 1)))]
      const kept = given.filter((name) => seen.add(name))
      expect(kept).toEqual([...new Set(names)])
      expect(seen.count).toBe(new Set(names).size)
    }),
  )
})
