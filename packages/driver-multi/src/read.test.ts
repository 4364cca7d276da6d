import type { Driver } from '@s3db-backup/core'
import { memory, patternAt, silent } from '@s3db-backup/driver-testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutting, down, inPieces } from '../test/doubles.js'
import { all, body, call, read, rejection } from '../test/scene.js'
import { multi } from './multi.js'

const size = 40
const whole = patternAt(0, size)

async function holding(options: { range?: boolean } = {}): Promise<Driver> {
  const driver = inPieces(memory(options), 3)
  await driver.put('x/a', body(size), call)
  return driver
}

describe('a read continues at the next destination', () => {
  const kinds = fc.record({
    first: fc.boolean(),
    second: fc.boolean(),
    how: fc.constantFrom<'error' | 'end'>('error', 'end'),
  })

  test('at exactly the byte where the first one stopped, with and without ranges, at every byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        kinds,
        fc.nat(size - 1),
        fc.nat(size - 1),
        async ({ first, second, how }, one, two) => {
          const drivers = [
            cutting(await holding({ range: first }), one, how),
            cutting(await holding({ range: second }), two, how),
            await holding({ range: false }),
            await holding(),
          ]
          expect(await read(multi({ drivers }).get('x/a', call))).toEqual(whole)
        },
      ),
    )
    for (let at = 0; at < size; at++) {
      for (const how of ['error', 'end'] as const) {
        const driver = multi({ drivers: [cutting(await holding(), at, how), await holding()] })
        expect(await read(driver.get('x/a', call))).toEqual(whole)
      }
    }
  })

  test('even if it begins at an offset', async () => {
    for (let offset = 0; offset <= size; offset++) {
      const driver = multi({ drivers: [cutting(await holding(), 5, 'error'), await holding()] })
      expect(await read(driver.get('x/a', { ...call, offset }))).toEqual(whole.subarray(offset))
    }
  })

  test('even of a piece, and not beyond it', async () => {
    const pieces = fc.record({ offset: fc.nat(size), length: fc.integer({ min: 1, max: size + 5 }) })
    const law = fc.asyncProperty(
      kinds,
      pieces,
      fc.nat(size - 1),
      async ({ first, second, how }, piece, at) => {
        const drivers = [
          cutting(await holding({ range: first }), at, how),
          await holding({ range: second }),
          await holding(),
        ]
        const bytes = await read(multi({ drivers }).get('x/a', { ...call, ...piece }))
        expect(bytes).toEqual(whole.subarray(piece.offset, piece.offset + piece.length))
      },
    )
    await fc.assert(law)
  })

  test('and one that ends early is detected, even if its size is known from a listing', async () => {
    const driver = multi({ drivers: [cutting(await holding(), 7, 'end'), await holding()] })
    expect(await all(driver.list('', call))).toHaveLength(1)
    expect(await read(driver.get('x/a', call))).toEqual(whole)
  })

  test('if the first one lacks the object or is down', async () => {
    const driver = multi({ drivers: [memory(), down(), await holding()] })
    expect(await read(driver.get('x/a', call))).toEqual(whole)
  })
})

describe('a read fails', () => {
  test('with not_found only if every destination says so', async () => {
    const nowhere = multi({ drivers: [memory(), memory()] })
    await expect(read(nowhere.get('x/a', call))).rejects.toMatchObject({
      code: 'not_found',
    })
    const unsure = multi({ drivers: [memory(), down('permission_denied')] })
    await expect(read(unsure.get('x/a', call))).rejects.toMatchObject({
      code: 'permission_denied',
      metadata: {
        destinations: [{ error: { code: 'not_found' } }, { error: { code: 'permission_denied' } }],
      },
    })
  })

  test('if no destination has the rest, instead of returning the bytes so far', async () => {
    const driver = multi({
      drivers: [cutting(await holding(), 7, 'end'), cutting(await holding(), 9, 'end')],
    })
    await expect(read(driver.get('x/a', call))).rejects.toMatchObject({
      code: 'unavailable',
    })
  })

  test('with the reason of an abort, without asking the next destination', async () => {
    const stop = new AbortController()
    const hanging: Driver = { ...memory(), get: () => silent(() => setImmediate(() => stop.abort('enough'))) }
    const asked: string[] = []
    const next: Driver = {
      ...memory(),
      get(key) {
        asked.push(key)
        return silent()
      },
    }
    expect(
      await rejection(
        all(multi({ drivers: [hanging, next] }).get('x/a', { kind: 'part', signal: stop.signal })),
      ),
    ).toBe('enough')
    expect(asked).toEqual([])
  })
})

test('a size known from a listing is not requested again', async () => {
  const inner = await holding()
  let listings = 0
  const counting: Driver = {
    ...inner,
    list(prefix, given) {
      listings += 1
      return inner.list(prefix, given)
    },
  }
  const driver = multi({ drivers: [counting] })
  expect(await read(driver.get('x/a', call))).toEqual(whole)
  expect(listings).toBe(1)
  await all(driver.list('', call))
  expect(await read(driver.get('x/a', call))).toEqual(whole)
  expect(listings).toBe(2)
})
