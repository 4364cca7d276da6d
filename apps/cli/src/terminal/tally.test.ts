import { expect, test } from 'vitest'
import { tally } from './tally.js'

test('resources that are worked on side by side add up', () => {
  const counts = tally(0)
  counts.begin(['a', 'b'])
  counts.add({ resource: 'a', records: 50, expected: 100, bytes: 10 })
  counts.look(4000)
  counts.add({ resource: 'b', records: 100, expected: 100, bytes: 30 })
  expect(counts.look(5000)).toEqual({
    resource: 'b',
    records: 150,
    bytes: 30,
    // Only the second in which records came counts, not the four before the first.
    rate: 100,
    fraction: 0.75,
    elapsed: 5000,
    remaining: 500,
  })
})

test('right at the start nothing is foretold', () => {
  const counts = tally(0)
  counts.begin(['a'])
  counts.add({ resource: 'a', records: 1, expected: 1000 })
  expect(counts.look(9000)).toMatchObject({ rate: undefined, remaining: undefined })
})

test('a resource that has not begun counts as nothing, one without records as done', () => {
  const counts = tally(0)
  counts.begin(['a', 'b'])
  counts.add({ resource: 'a', records: 0, expected: 0 })
  expect(counts.look(1000).fraction).toBe(0.5)
})

test('no end is foretold when a size is unknown', () => {
  const counts = tally(0)
  counts.begin(['a'])
  counts.add({ resource: 'a', records: 5 })
  expect(counts.look(1000)).toMatchObject({ fraction: undefined, remaining: undefined, records: 5 })
})

test('what a backup keeps beside the resources is neither named nor counted', () => {
  const counts = tally(0)
  counts.begin(['a'])
  counts.add({ resource: 'a', records: 5, expected: 10 })
  counts.add({ resource: '$internal', records: 900, expected: 900 })
  expect(counts.look(1000)).toMatchObject({ resource: 'a', records: 5 })
})
