import { type Driver, isBackupError } from '@s3db-backup/core'
import { describe, expect, test } from 'vitest'
import { patterned, silent } from '../bodies.js'
import { checkDriver } from '../check-driver.js'
import { faulty } from './faulty.js'
import { lagging } from './lagging.js'
import { memory } from './memory.js'
import { slow } from './slow.js'

const call = { signal: new AbortController().signal, kind: 'part' } as const
const small = { hugeBytes: 200_000, manyObjects: 5 }

async function keys(driver: Driver): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of driver.list('', call)) found.push(key)
  return found
}

async function work(driver: Driver): Promise<void> {
  await driver.put('one', patterned(150_000), call)
  for await (const _ of driver.get('one', call));
  await keys(driver)
  await driver.delete('one', call)
}

describe('faulty', () => {
  test('without a fault only counts, and meets the contract', async () => {
    const { failed, passed } = await checkDriver(faulty(memory()), small)
    expect(failed).toBe(0)
    expect(passed).toBeGreaterThan(40)
  })

  test('fails at every step in turn, with the given error, and only there', async () => {
    const counting = faulty(memory())
    await work(counting)
    // One step for each call, each chunk (3 written, 3 read), the end of the body, and the entry.
    expect(counting.steps).toBe(4 + 3 + 3 + 1 + 1)
    for (let failAt = 1; failAt <= counting.steps; failAt++) {
      const error = new Error(`step ${failAt}`)
      await expect(work(faulty(memory(), { failAt, error }))).rejects.toBe(error)
    }
    await work(faulty(memory(), { failAt: counting.steps + 1 }))
  })

  test('a put that fails at any of its steps leaves nothing', async () => {
    for (let failAt = 1; failAt <= 5; failAt++) {
      const driver = faulty(memory(), { failAt })
      await expect(driver.put('one', patterned(150_000), call)).rejects.toSatisfy((error) =>
        isBackupError(error, 'unavailable'),
      )
      expect(await keys(driver)).toEqual([])
    }
  })

  test('fails once, or for good', async () => {
    const once = faulty(memory(), { failAt: 1 })
    await expect(once.delete('one', call)).rejects.toThrow()
    await once.delete('one', call)
    const gone = faulty(memory(), { failAt: 1, forGood: true })
    await expect(gone.delete('one', call)).rejects.toThrow()
    await expect(gone.delete('one', call)).rejects.toThrow()
  })
})

describe('slow', () => {
  test('meets the contract', async () => {
    const { cases, failed } = await checkDriver(slow(memory(), { ms: 1 }), small)
    expect(cases.filter(({ status }) => status === 'failed')).toEqual([])
    expect(failed).toBe(0)
  })

  test('does not make an abort wait', async () => {
    const controller = new AbortController()
    const put = slow(memory(), { ms: 2 ** 30 }).put('never', silent(), {
      kind: 'part',
      signal: controller.signal,
    })
    const reason = new Error('now')
    controller.abort(reason)
    await expect(put).rejects.toBe(reason)
  })
})

describe('lagging', () => {
  test('lists a put object only in a later listing, although get has it', async () => {
    const driver = lagging(memory(), { listings: 2 })
    await driver.put('new', patterned(10), call)
    for await (const chunk of driver.get('new', call)) expect(chunk.byteLength).toBe(10)
    expect(await keys(driver)).toEqual([])
    expect(await keys(driver)).toEqual([])
    expect(await keys(driver)).toEqual(['new'])
  })

  test('keeps listing deleted objects for a while', async () => {
    const driver = lagging(memory())
    await driver.put('old', patterned(10), call)
    await keys(driver)
    await driver.delete('old', call)
    expect(await keys(driver)).toEqual(['old'])
    expect(await keys(driver)).toEqual([])
  })

  test('is caught by the contract', async () => {
    const { cases } = await checkDriver(lagging(memory()), { ...small, only: ['put-seen-at-once'] })
    expect(cases.map(({ status }) => status)).toEqual(['failed'])
  })
})

describe('memory', () => {
  test('never overwrites a stored object', async () => {
    const driver = memory()
    await driver.put('one', patterned(10), call)
    await expect(driver.put('one', patterned(20), call)).rejects.toSatisfy((error) =>
      isBackupError(error, 'conflict'),
    )
    expect(driver.objects.get('one')?.byteLength).toBe(10)
  })

  test('refuses a body that is larger than declared', async () => {
    const driver = memory({ maxObjectBytes: 100, name: 'small' })
    expect(driver.capabilities).toEqual({ range: true, maxObjectBytes: 100 })
    await expect(driver.put('one', patterned(101), call)).rejects.toSatisfy((error) =>
      isBackupError(error, 'no_space'),
    )
    expect(await keys(driver)).toEqual([])
  })
})
