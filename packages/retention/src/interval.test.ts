import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localTimeIn } from './calendar.js'
import { before, parseInterval } from './interval.js'

const goingBack = (from: string, length: string | number, timezone = 'UTC') => {
  const interval = parseInterval(length)
  return (
    interval &&
    new Date(before(Date.parse(from), interval, localTimeIn(timezone))).toISOString().replace('.000Z', 'Z')
  )
}

describe('a length of time', () => {
  test.each([
    ['2024-03-31T02:00:00Z', '12h', '2024-03-30T14:00:00Z'],
    ['2024-03-31T02:00:00Z', '30d', '2024-03-01T02:00:00Z'],
    ['2024-03-31T02:00:00Z', '2w', '2024-03-17T02:00:00Z'],
    ['2024-03-31T02:00:00Z', '1m', '2024-02-29T02:00:00Z'],
    ['2023-03-31T02:00:00Z', '1m', '2023-02-28T02:00:00Z'],
    ['2024-02-29T02:00:00Z', '1y', '2023-02-28T02:00:00Z'],
    ['2024-03-15T02:00:00Z', '1y6m', '2022-09-15T02:00:00Z'],
    ['2024-03-15T02:00:00Z', '1y1m1w1d1h', '2023-02-07T01:00:00Z'],
    ['2024-03-15T02:00:00Z', 3_600_000, '2024-03-15T01:00:00Z'],
  ])('before %s by %s is %s', (from, length, expected) => {
    expect(goingBack(from, length)).toBe(expected)
  })

  test.each([
    // 31 March there is 1 April in UTC: one month earlier is the end of February, not the beginning of March.
    ['2024-04-01T02:00:00Z', '1m', 'America/New_York', '2024-03-01T03:00:00Z'],
    ['2024-04-01T02:00:00Z', '1m', 'UTC', '2024-03-01T02:00:00Z'],
    ['2024-03-01T04:00:00Z', '1m', 'America/New_York', '2024-01-30T04:00:00Z'],
    // Clocks went forward on 10 March: the day had 23 hours, so 24 hours are not one day.
    ['2024-03-10T16:00:00Z', '1d', 'America/New_York', '2024-03-09T17:00:00Z'],
    ['2024-03-10T16:00:00Z', '24h', 'America/New_York', '2024-03-09T16:00:00Z'],
    // 02:30 was skipped, and 01:30 of 3 November occurred twice: the earlier one counts.
    ['2024-03-11T06:30:00Z', '1d', 'America/New_York', '2024-03-10T06:30:00Z'],
    ['2024-11-04T06:30:00Z', '1d', 'America/New_York', '2024-11-03T05:30:00Z'],
    ['2024-04-15T12:00:00Z', '2w1h', 'Europe/Berlin', '2024-04-01T11:00:00Z'],
  ])('before %s by %s in %s is %s', (from, length, timezone, expected) => {
    expect(goingBack(from, length, timezone)).toBe(expected)
  })

  test.each([
    '',
    '30',
    'd',
    '1d1y',
    '-1d',
    '1.5d',
    '30D',
    '0d',
    '10000d',
    ' 1d',
    0,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('is not %j', (given) => {
    expect(parseInterval(given)).toBeUndefined()
  })

  test('always leads to an earlier instant, and a longer one never to a later', () => {
    const dates = fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(
        dates,
        fc.integer({ min: 1, max: 9998 }),
        fc.constantFrom('y', 'm', 'w', 'd', 'h'),
        fc.constantFrom('UTC', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Monrovia'),
        (date, count, unit, timezone) => {
          const [shorter, longer] = [
            goingBack(date.toISOString(), `${count}${unit}`, timezone),
            goingBack(date.toISOString(), `${count + 1}${unit}`, timezone),
          ]
          expect(Date.parse(String(shorter))).toBeLessThan(date.getTime())
          expect(Date.parse(String(longer))).toBeLessThanOrEqual(Date.parse(String(shorter)))
        },
      ),
    )
  })
})
