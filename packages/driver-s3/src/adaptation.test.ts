import type { StorageWarning } from '@s3db-backup/core'
import { patternAt, patterned } from '@s3db-backup/driver-testkit'
import { afterAll, describe, expect, it } from 'vitest'
import type { QuirkName } from '../../../tooling/s3/quirks.ts'
import { testBucket } from '../test/bucket.js'
import { quirky } from '../test/quirky.js'
import type { S3Options } from './options.js'
import type { S3Driver } from './s3.js'

const bucket = await testBucket()
const { signal } = new AbortController()
const call = { signal, kind: 'part' } as const
afterAll(() => bucket.remove())

const small = 1000
/** Two parts. */
const large = 6_000_000

let keys = 0
const newKey = () => `key-${keys++}`

async function read(driver: S3Driver, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of driver.get(key, call)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function under(names: QuirkName | readonly QuirkName[], options: Partial<S3Options> = {}) {
  const warnings: StorageWarning[] = []
  const faulty = await quirky(bucket, names, { onWarning: (warning) => warnings.push(warning), ...options })
  return { ...faulty, warnings, codes: () => warnings.map(({ code }) => code) }
}

const refusesChecksums: QuirkName[] = ['checksums-400', 'checksums-501', 'checksums-400-unnamed']
const refusesConditions: QuirkName[] = [
  'conditions-400',
  'conditions-400-unnamed',
  'conditions-405',
  'conditions-501',
  'conditions-501-html',
]

describe('a server that refuses checksum headers', () => {
  it.each(refusesChecksums)('gets uploads without checksums, with one warning: %s', async (quirk) => {
    const { driver, warnings, proxy, close } = await under(quirk)
    const [one, two, three] = [newKey(), newKey(), newKey()]
    await expect(driver.put(one, patterned(small), call)).resolves.toEqual({ bytes: small })
    await expect(driver.put(two, patterned(large), call)).resolves.toEqual({ bytes: large })
    expect((await read(driver, one)).equals(patternAt(0, small))).toBe(true)
    expect((await read(driver, two)).equals(patternAt(0, large))).toBe(true)
    expect(warnings).toMatchObject([
      {
        code: 'checksums_refused',
        driver: 's3',
        message: expect.stringContaining(new URL(proxy.url).host),
        suggestion: expect.stringContaining('WHEN_REQUIRED'),
      },
    ])
    const refused = proxy.log.filter(({ fault }) => fault !== undefined).length
    await driver.put(three, patterned(small), call)
    // What the driver has learnt, it does not try again.
    expect(proxy.log.filter(({ fault }) => fault !== undefined)).toHaveLength(refused)
    await expect(driver.put(one, patterned(small), call)).rejects.toMatchObject({ code: 'conflict' })
    await close()
  })

  it('stores a large object even as the first one', async () => {
    const { driver, codes, close } = await under('checksums-400')
    const key = newKey()
    await driver.put(key, patterned(large), call)
    expect((await read(driver, key)).equals(patternAt(0, large))).toBe(true)
    expect(codes()).toEqual(['checksums_refused'])
    expect(await bucket.openUploads()).toEqual([])
    await close()
  })

  it('is not asked if the setting turns them off', async () => {
    const { proxy, warnings, close } = await under('checksums-400')
    const { s3 } = await import('./s3.js')
    const driver = s3({ ...bucket.options, endpoint: proxy.url, requestChecksumCalculation: 'WHEN_REQUIRED' })
    const key = newKey()
    await driver.put(key, patterned(small), call)
    await read(driver, key)
    expect(proxy.log.filter(({ fault }) => fault !== undefined)).toEqual([])
    expect(warnings).toEqual([])
    await driver.close?.()
    await close()
  })

  it('is an error if the setting requires them', async () => {
    const { proxy, close } = await under('checksums-400')
    const { s3 } = await import('./s3.js')
    const driver = s3({
      ...bucket.options,
      endpoint: proxy.url,
      requestChecksumCalculation: 'WHEN_SUPPORTED',
    })
    await expect(driver.put(newKey(), patterned(small), call)).rejects.toMatchObject({
      code: 'invalid_options',
      metadata: { status: 400 },
      suggestion: expect.stringContaining('requestChecksumCalculation'),
    })
    await driver.close?.()
    await close()
  })
})

describe('a server without conditional writes', () => {
  it.each(refusesConditions)('is checked before each write, with one warning: %s', async (quirk) => {
    const { driver, proxy, warnings, close } = await under(quirk)
    const [one, two] = [newKey(), newKey()]
    await expect(driver.put(one, patterned(small), call)).resolves.toEqual({ bytes: small })
    await expect(driver.put(two, patterned(large), call)).resolves.toEqual({ bytes: large })
    expect((await read(driver, two)).equals(patternAt(0, large))).toBe(true)
    await expect(driver.put(one, patterned(small), call)).rejects.toMatchObject({ code: 'conflict' })
    expect((await read(driver, one)).equals(patternAt(0, small))).toBe(true)
    expect(warnings).toMatchObject([
      { code: 'conditions_refused', driver: 's3', suggestion: expect.stringContaining('conditionalWrites') },
    ])
    expect(await bucket.openUploads()).toEqual([])
    const refused = proxy.log.filter(({ fault }) => fault !== undefined).length
    await driver.put(newKey(), patterned(small), call)
    expect(proxy.log.filter(({ fault }) => fault !== undefined)).toHaveLength(refused)
    await close()
  })

  it('that also refuses checksums, and names neither, gets neither', async () => {
    const { driver, codes, close } = await under('conditions-and-checksums-400')
    const [one, two] = [newKey(), newKey()]
    await driver.put(one, patterned(small), call)
    await driver.put(two, patterned(large), call)
    expect((await read(driver, two)).equals(patternAt(0, large))).toBe(true)
    expect(codes().sort()).toEqual(['checksums_refused', 'conditions_refused'])
    await close()
  })

  it('is checked before each write from the start if the setting says so', async () => {
    const { driver, proxy, warnings, close } = await under('conditions-501', { conditionalWrites: false })
    const key = newKey()
    await driver.put(key, patterned(small), call)
    await expect(driver.put(key, patterned(small), call)).rejects.toMatchObject({ code: 'conflict' })
    expect(proxy.log.filter(({ fault }) => fault !== undefined)).toEqual([])
    expect(warnings).toEqual([])
    await close()
  })

  it('is an error if the setting requires them', async () => {
    const { driver, close } = await under('conditions-501', { conditionalWrites: true })
    await expect(driver.put(newKey(), patterned(small), call)).rejects.toMatchObject({
      code: 'unsupported',
    })
    await close()
  })
})

it('a request refused for another reason fails with that reason, and the driver learns nothing from it', async () => {
  const { driver, proxy, warnings, close } = await under([])
  proxy.add({
    match: /^PUT/,
    fault: { kind: 'answer', status: 400, code: 'InvalidRequest', message: 'The bucket is in maintenance' },
  })
  const error = await driver.put(newKey(), patterned(small), call).catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'invalid_options',
    message: expect.stringContaining('The bucket is in maintenance'),
  })
  expect(warnings).toEqual([])
  proxy.clear()
  await driver.put(newKey(), patterned(small), call)
  await close()
})

describe('a conflict', () => {
  it.each<QuirkName>(['conflict-once', 'aborted-once'])('that passes is waited for: %s', async (quirk) => {
    const { driver, close } = await under(quirk)
    const key = newKey()
    await expect(driver.put(key, patterned(small), call)).resolves.toEqual({ bytes: small })
    expect((await read(driver, key)).equals(patternAt(0, small))).toBe(true)
    await close()
  })

  it('that persists is unavailable, and an abort ends the waiting', async () => {
    const { driver, proxy, close } = await under([])
    proxy.add({ match: /^PUT/, fault: { kind: 'answer', status: 409, code: 'OperationAborted' } })
    await expect(driver.put(newKey(), patterned(small), call)).rejects.toMatchObject({
      code: 'unavailable',
      retriable: true,
      metadata: { status: 409, answer: 'OperationAborted' },
    })
    const abort = new AbortController()
    const put = driver.put(newKey(), patterned(small), { ...call, signal: abort.signal })
    abort.abort('enough')
    await expect(put).rejects.toBe('enough')
    await close()
  })

  it('of an existing object stays a conflict', async () => {
    const { driver, warnings, close } = await under('always-exists')
    await expect(driver.put(newKey(), patterned(small), call)).rejects.toMatchObject({
      code: 'conflict',
      metadata: { status: 412 },
    })
    expect(warnings).toEqual([])
    await close()
  })
})
