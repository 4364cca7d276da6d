import { expect, test } from 'vitest'
import { costOf, dollars, pricesSchema } from './prices.js'

test('requests are priced by the thousand, as S3 does', () => {
  const prices = pricesSchema.parse({})
  expect(costOf({ put: 1000, list: 1000, get: 0 }, prices)).toBeCloseTo(0.01)
  expect(costOf({ put: 0, list: 0, get: 1_000_000 }, prices)).toBeCloseTo(0.4)
  expect(costOf({ put: 0, list: 0, get: 1000 }, pricesSchema.parse({ get: 2 }))).toBe(2)
})

test('small amounts keep two digits, large ones the cents', () => {
  expect([0, 0.0000004, 0.0000123, 0.01, 1.5, 1234.567].map(dollars)).toEqual([
    '$0.00',
    '$0.0000004',
    '$0.000012',
    '$0.01',
    '$1.50',
    '$1234.57',
  ])
})
