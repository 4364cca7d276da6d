import fc from 'fast-check'
import pc from 'picocolors'
import { expect, test } from 'vitest'
import { progressLine } from './progress-line.js'

const plain = pc.createColors(false)
const seen = {
  doing: 'Backing up',
  resource: 'orders',
  records: 12345,
  bytes: 3_200_000,
  rate: 5400,
  fraction: 0.5,
  elapsed: 2000,
  remaining: 3000,
}

test('a wide screen shows everything', () => {
  expect(progressLine(seen, 119, plain)).toBe(
    'Backing up ████████████░░░░░░░░░░░  50%  12,345 records  ETA 3 s  5,400/s  3.2 MB  orders',
  )
})

test('a narrow one shows the most important first', () => {
  expect(progressLine(seen, 45, plain)).toBe('Backing up █████░░░░  50%  12,345 records')
})

test('no line is wider than the screen', () => {
  const optional = (most: number) =>
    fc.option(fc.double({ min: 0, max: most, noNaN: true }), { nil: undefined })
  const state = fc.record({
    doing: fc.string({ maxLength: 30 }),
    resource: fc.option(fc.string({ maxLength: 80 }), { nil: undefined }),
    records: fc.nat(),
    bytes: optional(1e15),
    rate: optional(1e9),
    fraction: optional(1),
    elapsed: fc.double({ min: 0, max: 1e10, noNaN: true }),
    remaining: optional(1e10),
  })
  fc.assert(
    fc.property(state, fc.integer({ min: 1, max: 200 }), (any, width) => {
      expect(progressLine(any, width, plain).length).toBeLessThanOrEqual(width)
    }),
  )
})
