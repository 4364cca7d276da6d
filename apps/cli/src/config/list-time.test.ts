import { expect, test } from 'vitest'
import { listTime } from './list-time.js'

test('an age is a time before now, and a date stays unchanged', () => {
  const distance = Date.now() - Date.parse(listTime('26 hours ago'))
  expect(Math.round(distance / 3_600_000)).toBe(26)
  expect(listTime('2024-03-01')).toBe('2024-03-01')
})

test('an age in an unknown unit is refused with the valid forms', () => {
  expect(() => listTime('26 moons ago')).toThrow(
    expect.objectContaining({
      code: 'invalid_options',
      message: '"26 moons ago" is not a time',
      suggestion: expect.stringContaining('10 minutes ago'),
    }),
  )
})
