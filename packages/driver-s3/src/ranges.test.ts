import { S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestBucket, testBucket } from '../test/bucket.js'
import { s3 } from './index.js'

let bucket: TestBucket
const call = { signal: new AbortController().signal, kind: 'part' } as const

beforeAll(async () => {
  bucket = await testBucket()
  const driver = s3(bucket.options)
  await driver.put('a', once('0123456789'), call)
  await driver.close?.()
})
afterAll(() => bucket.remove())

async function* once(text: string) {
  yield Buffer.from(text)
}

/** What a driver reads whose server takes another range than it is asked for. */
async function readWith(range: string | undefined, wanted: { offset?: number; length?: number }) {
  const { url, region, credentials } = bucket.endpoint
  const client = new S3Client({ endpoint: url, region, credentials, forcePathStyle: true })
  client.middlewareStack.add(
    (next) => async (args) => {
      if ('Range' in args.input && args.input.Range !== undefined) args.input.Range = range
      return next(args)
    },
    { step: 'initialize' },
  )
  let text = ''
  try {
    const driver = s3({ bucket: bucket.name, prefix: 'p', client })
    for await (const chunk of driver.get('a', { ...call, ...wanted })) text += Buffer.from(chunk).toString()
    return text
  } finally {
    client.destroy()
  }
}

test('a server that ignores ranges is named, and its answer is not taken for the range', async () => {
  for (const wanted of [{ offset: 3 }, { length: 4 }, { offset: 3, length: 4 }])
    await expect(readWith(undefined, wanted)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/^a: the server was asked for bytes .*, and sends the whole object/),
    })
  for (const whole of [{}, { length: 10 }, { length: 11 }])
    expect(await readWith(undefined, whole)).toBe('0123456789')
})

test('nor is an answer with another range', async () => {
  await expect(readWith('bytes=0-3', { offset: 3, length: 4 })).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('"bytes 0-3/10"'),
  })
  expect(await readWith('bytes=3-6', { offset: 3, length: 4 })).toBe('3456')
})
