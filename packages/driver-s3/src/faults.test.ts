import { randomUUID } from 'node:crypto'
import type { Driver } from '@s3db-backup/core'
import { patternAt, patterned } from '@s3db-backup/driver-testkit'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fault } from '../../../tooling/s3/fault-proxy.ts'
import { testBucket } from '../test/bucket.js'
import { type FaultyDriver, throughFaults } from '../test/through-faults.js'
import { s3 } from './s3.js'

const bucket = await testBucket()
const direct = s3(bucket.options)
const { signal } = new AbortController()
const small = 100_000
/** Three parts of 5 MiB and less. */
const large = 10_600_000
const slowDown: Fault = { kind: 'answer', status: 503, code: 'SlowDown' }

let faulty: FaultyDriver
let key: string
beforeEach(async () => {
  faulty = await throughFaults(bucket)
  key = randomUUID()
})
afterEach(() => faulty.close())
afterAll(async () => {
  await direct.close?.()
  await bucket.remove()
})

async function bytesOf(driver: Driver, offset = 0): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of driver.get(key, { kind: 'part', signal, offset })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function expectStored(size: number): Promise<void> {
  expect((await bytesOf(direct)).equals(patternAt(0, size))).toBe(true)
  expect(await bucket.openUploads()).toEqual([])
}

async function expectNothingLeft(): Promise<void> {
  expect((await bucket.keys()).filter((found) => found.endsWith(key))).toEqual([])
  expect(await bucket.openUploads()).toEqual([])
}

describe('a put continues after', () => {
  it.each<[string, number, RegExp, Fault]>([
    ['a burst of 503 SlowDown', small, /^PUT/, slowDown],
    ['a connection that breaks before the request', small, /^PUT/, { kind: 'reset' }],
    ['a connection that breaks within the request', small, /^PUT/, { kind: 'torn-request', bytes: 50_000 }],
    ['a success whose answer is lost', small, /^PUT/, { kind: 'lost-answer' }],
    ['a burst of 503 SlowDown on a part', large, /partNumber=2/, slowDown],
    [
      'a connection that breaks within a part',
      large,
      /partNumber=2/,
      { kind: 'torn-request', bytes: 3_000_000 },
    ],
    ['a part whose answer is lost', large, /partNumber=3/, { kind: 'lost-answer' }],
    [
      'the start of a multipart upload whose answer is lost',
      large,
      /^POST.*uploads/,
      { kind: 'lost-answer' },
    ],
    ['a completion whose answer is lost', large, /^POST.*uploadId/, { kind: 'lost-answer' }],
    [
      'a completion that is answered 200 with an error',
      large,
      /^POST.*uploadId/,
      { kind: 'answer', status: 200, code: 'InternalError' },
    ],
  ])('%s', async (_name, size, match, fault) => {
    faulty.proxy.add({ match, fault, times: 2 })
    await expect(faulty.driver.put(key, patterned(size), { kind: 'part', signal })).resolves.toEqual({
      bytes: size,
    })
    expect(faulty.proxy.log.filter((entry) => entry.fault !== undefined)).toHaveLength(2)
    await expectStored(size)
  })
})

it('a put whose answers are all lost is found to have succeeded', async () => {
  faulty.proxy.add({ match: /^PUT/, fault: { kind: 'lost-answer' } })
  await expect(faulty.driver.put(key, patterned(small), { kind: 'part', signal })).resolves.toEqual({
    bytes: small,
  })
  await expectStored(small)
})

it('a completion whose answers are all lost is found to have succeeded', async () => {
  faulty.proxy.add({ match: /^POST.*uploadId/, fault: { kind: 'lost-answer' } })
  await expect(faulty.driver.put(key, patterned(large), { kind: 'part', signal })).resolves.toEqual({
    bytes: large,
  })
  await expectStored(large)
})

describe('a put fails as unavailable and leaves nothing, neither object nor upload, when', () => {
  it.each<[string, number, RegExp, Fault]>([
    ['the server throttles for good', small, /^PUT/, slowDown],
    ['the connection breaks each time', small, /^PUT/, { kind: 'torn-request', bytes: 10_000 }],
    ['a part is throttled for good', large, /partNumber=2/, slowDown],
    ['a part breaks off each time', large, /partNumber=3/, { kind: 'torn-request', bytes: 100_000 }],
    [
      'every answer to the start of a multipart upload is lost',
      large,
      /^POST.*uploads/,
      { kind: 'lost-answer' },
    ],
    [
      'the completion fails for good',
      large,
      /^POST.*uploadId/,
      { kind: 'answer', status: 500, code: 'InternalError' },
    ],
    [
      'the completion is answered 200 with an error for good',
      large,
      /^POST.*uploadId/,
      { kind: 'answer', status: 200, code: 'InternalError' },
    ],
  ])('%s', async (_name, size, match, fault) => {
    faulty.proxy.add({ match, fault })
    await expect(faulty.driver.put(key, patterned(size), { kind: 'part', signal })).rejects.toMatchObject({
      code: 'unavailable',
      driver: 's3',
    })
    await expectNothingLeft()
  })

  it('the server falls silent', async () => {
    const impatient = await throughFaults(bucket, { silence: 400, maxAttempts: 2 })
    impatient.proxy.add({ match: /partNumber=2/, fault: { kind: 'silence' } })
    await expect(impatient.driver.put(key, patterned(large), { kind: 'part', signal })).rejects.toMatchObject(
      {
        code: 'unavailable',
      },
    )
    await impatient.close()
    await expectNothingLeft()
  })
})

it.each<[string, number, RegExp, Fault]>([
  ['the object', small, /^PUT/, { kind: 'silence' }],
  ['a part', large, /partNumber=2/, { kind: 'silence' }],
  [
    'the completion, which the server has done already',
    large,
    /^POST.*uploadId/,
    { kind: 'stalled-answer', bytes: 10 },
  ],
])(
  'an abort while the server is silent about %s settles at once and leaves nothing',
  async (_name, size, match, fault) => {
    faulty.proxy.add({ match, fault })
    const abort = new AbortController()
    const put = faulty.driver.put(key, patterned(size), { kind: 'part', signal: abort.signal })
    const settled = expect(put).rejects.toBe('enough')
    await expect.poll(() => faulty.proxy.log.some((entry) => entry.fault !== undefined)).toBe(true)
    abort.abort('enough')
    await settled
    await expectNothingLeft()
  },
)

it('a failed put reports what it could not remove', async () => {
  faulty.proxy.add({ match: /partNumber=2|DELETE/, fault: { kind: 'answer', status: 503, code: 'SlowDown' } })
  const error = await faulty.driver
    .put(key, patterned(large), { kind: 'part', signal })
    .catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'unavailable',
    metadata: { leftovers: [expect.stringContaining('multipart upload')] },
  })
  await expect(direct.put(key, patterned(small), { kind: 'part', signal })).resolves.toEqual({ bytes: small })
})

describe('a get', () => {
  beforeEach(() => direct.put(key, patterned(large), { kind: 'part', signal }).then(() => undefined))

  it('continues after a burst of 503 SlowDown', async () => {
    faulty.proxy.add({ match: /^GET/, fault: slowDown, times: 2 })
    expect((await bytesOf(faulty.driver)).equals(patternAt(0, large))).toBe(true)
  })

  it.each<[string, Fault]>([
    ['breaks off', { kind: 'torn-answer', bytes: 1_000_000 }],
    ['breaks off at once', { kind: 'torn-answer', bytes: 1 }],
  ])('whose answer %s fails as unavailable, and can be resumed where it stopped', async (_name, fault) => {
    faulty.proxy.add({ match: /^GET/, fault, times: 1 })
    const chunks: Uint8Array[] = []
    const reading = async () => {
      for await (const chunk of faulty.driver.get(key, { kind: 'part', signal })) chunks.push(chunk)
    }
    await expect(reading()).rejects.toMatchObject({ code: 'unavailable' })
    const first = Buffer.concat(chunks)
    const rest = await bytesOf(faulty.driver, first.byteLength)
    expect(Buffer.concat([first, rest]).equals(patternAt(0, large))).toBe(true)
  })

  it('with a stalled answer fails as unavailable', async () => {
    const impatient = await throughFaults(bucket, { silence: 400, maxAttempts: 1 })
    impatient.proxy.add({ match: /^GET/, fault: { kind: 'stalled-answer', bytes: 1_000_000 } })
    await expect(bytesOf(impatient.driver)).rejects.toMatchObject({ code: 'unavailable' })
    await impatient.close()
  })
})
