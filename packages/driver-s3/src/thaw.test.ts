import { patterned } from '@s3db-backup/driver-testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { testBucket } from '../test/bucket.js'
import { s3 } from './s3.js'

// Most servers only know the names of the archived classes, and read such objects at once.
const bucket = await testBucket(process.env.S3_SERVER === 'moto' ? process.env : {})
const driver = s3({ ...bucket.options, storageClass: 'GLACIER' })
const { signal } = new AbortController()
afterAll(async () => {
  await driver.close?.()
  await bucket.remove()
})

async function read(key: string): Promise<number> {
  let bytes = 0
  for await (const chunk of driver.get(key, { kind: 'part', signal })) bytes += chunk.byteLength
  return bytes
}

describe('an archived object', () => {
  it('cannot be read: the error says so and gives advice', async () => {
    await driver.put('a/1', patterned(10), { kind: 'part', signal })
    await expect(read('a/1')).rejects.toMatchObject({
      code: 'unavailable',
      metadata: { archived: true, storageClass: 'GLACIER' },
      suggestion: expect.stringContaining('thaw'),
    })
  })

  it('can be read after a thaw', async () => {
    const keys = ['t/1', 't/2', 't/s3db.json']
    for (const key of keys.slice(0, 2)) await driver.put(key, patterned(10), { kind: 'part', signal })
    await driver.put('t/s3db.json', patterned(10), { kind: 'manifest', signal })
    const events: string[] = []
    const options = {
      signal,
      days: 1,
      interval: 50,
      onEvent: ({ type }: { type: string }) => events.push(type),
    }
    const report = await driver.thaw(keys, options)
    expect(report).toEqual({ objects: 3, requested: 2 })
    for (const key of keys) expect(await read(key)).toBe(10)
    expect(events.filter((type) => type === 'thaw-requested')).toHaveLength(2)
    expect(await driver.thaw(keys, options)).toEqual({ objects: 3, requested: 0 })
  })

  it('that does not exist makes a thaw fail', async () => {
    await expect(driver.thaw(['t/none'], { signal })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is waited for only until the abort', async () => {
    await driver.put('w/1', patterned(10), { kind: 'part', signal })
    const abort = new AbortController()
    const onEvent = ({ type }: { type: string }) => {
      if (type === 'thaw-waiting') abort.abort('enough')
    }
    const thawing = driver.thaw(['w/1'], { signal: abort.signal, interval: 3_600_000, onEvent })
    await expect(thawing).rejects.toBe('enough')
  })
})

describe('a server that may have archived classes by name only', () => {
  it('is asked for a thaw only if it archives', async () => {
    const plain = await testBucket()
    const other = s3({ ...plain.options, storageClass: 'DEEP_ARCHIVE' })
    await other.put('x', patterned(10), { kind: 'part', signal })
    const report = await other.thaw(['x'], { signal, interval: 20 })
    expect(report.requested).toBe(['local', 'moto'].includes(plain.endpoint.server) ? 1 : 0)
    await other.close?.()
    await plain.remove()
  })
})
