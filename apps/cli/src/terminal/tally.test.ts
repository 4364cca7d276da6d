import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tally } from './tally.js'

test('resources processed in parallel add up', () => {
  const counts = tally(0)
  counts.begin(['a', 'b'])
  counts.add({ resource: 'a', records: 50, expected: 100, bytes: 10 })
  counts.look(4000)
  counts.add({ resource: 'b', records: 100, expected: 100, bytes: 30 })
  expect(counts.look(5000)).toEqual({
    resource: 'b',
    records: 150,
    bytes: 30,
    // Only the second in which records arrived counts, not the four before.
    rate: 100,
    fraction: 0.75,
    elapsed: 5000,
    remaining: 500,
  })
})

test('there is no estimate right at the start', () => {
  const counts = tally(0)
  counts.begin(['a'])
  counts.add({ resource: 'a', records: 1, expected: 1000 })
  expect(counts.look(9000)).toMatchObject({ rate: undefined, remaining: undefined })
})

test('a resource that has not started counts as nothing, one without records as done', () => {
  const counts = tally(0)
  counts.begin(['a', 'b'])
  counts.add({ resource: 'a', records: 0, expected: 0 })
  expect(counts.look(1000).fraction).toBe(0.5)
})

test('there is no estimate if a size is unknown', () => {
  const counts = tally(0)
  counts.begin(['a'])
  counts.add({ resource: 'a', records: 5 })
  expect(counts.look(1000)).toMatchObject({ fraction: undefined, remaining: undefined, records: 5 })
})

test('internal records are neither named nor counted', () => {
  const counts = tally(0)
  counts.begin(['a'])
  counts.add({ resource: 'a', records: 5, expected: 10 })
  counts.add({ resource: '$internal', records: 900, expected: 900 })
  expect(counts.look(1000)).toMatchObject({ resource: 'a', records: 5 })
})

test('the progress never decreases and never says that all is done', () => {
  const step = fc.record({
    resource: fc.constantFrom('a', 'b', 'c', '$internal'),
    records: fc.nat({ max: 200 }),
    expected: fc.option(fc.nat({ max: 200 }), { nil: undefined }),
    wait: fc.nat({ max: 20_000 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (some) => {
      const counts = tally(0)
      counts.begin(['a', 'b', 'c'])
      let [now, before] = [0, 0]
      for (const { wait, ...one } of some) {
        now += wait
        counts.add(one)
        const { fraction, remaining = 0, rate = 0 } = counts.look(now)
        expect(fraction ?? before).toBeGreaterThanOrEqual(before)
        expect(fraction ?? 0).toBeLessThan(1)
        expect(remaining).toBeGreaterThanOrEqual(0)
        expect(Number.isNaN(rate)).toBe(false)
        before = fraction ?? before
      }
    }),
  )
})

test('resources count by their records, and the rest is estimated from the recent speed', () => {
  const counts = tally(0)
  counts.begin(['large', 'small'])
  counts.add({ resource: 'large', records: 0, expected: 900 })
  counts.add({ resource: 'small', records: 100, expected: 100 })
  expect(counts.look(1000).fraction).toBe(0.1)
  // 100 records per second at first, 10 per second recently.
  counts.add({ resource: 'large', records: 400, expected: 900 })
  counts.look(5000)
  counts.add({ resource: 'large', records: 450, expected: 900 })
  for (const at of [10_000, 15_000]) counts.look(at)
  counts.add({ resource: 'large', records: 600, expected: 900 })
  expect(counts.look(25_000)).toMatchObject({
    fraction: 0.7,
    rate: 10,
    remaining: expect.closeTo(30_000),
  })
  expect(counts.isRead()).toBe(false)
})

test('a restore counts written records, although its progress covers everything read', () => {
  const counts = tally(0)
  counts.begin(['a', 'b'])
  counts.add({ resource: 'a', records: 100, expected: 100, counted: 0 })
  counts.settle({ resource: 'a', counted: 7 })
  counts.add({ resource: 'b', records: 50, expected: 100, counted: 0 })
  expect(counts.look(1000)).toMatchObject({ records: 7, fraction: 0.75 })
})
