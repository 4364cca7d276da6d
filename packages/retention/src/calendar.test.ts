import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calendar, isTimezone } from './calendar.js'

const at = (timezone: string, time: string) => calendar(timezone)(Date.parse(time))

describe('the calendar', () => {
  test('names the hour, day, week, month, quarter and year of an instant', () => {
    expect(at('UTC', '2024-03-15T14:30:45.678Z')).toEqual({
      hourly: '2024-03-15 14:00 UTC',
      daily: '2024-03-15',
      weekly: '2024-W11',
      monthly: '2024-03',
      quarterly: '2024-Q1',
      yearly: '2024',
    })
  })

  test.each([
    ['Europe/Berlin', '2024-12-31T23:30:00Z', '2025-01-01'],
    ['America/New_York', '2025-01-01T04:59:59Z', '2024-12-31'],
    ['Pacific/Kiritimati', '2024-06-30T10:00:00Z', '2024-07-01'],
    ['Asia/Kolkata', '2024-06-30T18:30:00Z', '2024-07-01'],
  ])('uses the local day: in %s it is at %s the %s', (timezone, time, day) => {
    expect(at(timezone, time).daily).toBe(day)
  })

  test.each([
    ['2020-12-31', '2020-W53'],
    ['2021-01-03', '2020-W53'],
    ['2021-01-04', '2021-W01'],
    ['2023-01-01', '2022-W52'],
    ['2024-12-29', '2024-W52'],
    ['2024-12-30', '2025-W01'],
    ['2026-01-01', '2026-W01'],
  ])('puts %s into the ISO week %s', (day, week) => {
    expect(at('UTC', `${day}T12:00:00Z`).weekly).toBe(week)
  })

  test('distinguishes the two hours of one name when clocks go back', () => {
    const hours = ['2024-10-27T00:15:00Z', '2024-10-27T01:15:00Z'].map(
      (time) => at('Europe/Berlin', time).hourly,
    )
    expect(hours).toEqual(['2024-10-27 02:00 UTC+2', '2024-10-27 02:00 UTC+1'])
  })

  test('names hours in zones with half-hour offsets', () => {
    expect(at('Asia/Kolkata', '2024-06-30T18:29:00Z').hourly).toBe('2024-06-30 23:00 UTC+5:30')
    expect(at('America/St_Johns', '2024-01-01T03:30:00Z').hourly).toBe('2024-01-01 00:00 UTC-3:30')
  })

  test('days, weeks and months never go back as time goes on, in any zone and over every clock change', () => {
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Pacific/Apia',
    )
    const instants = fc.integer({ min: Date.parse('2005-01-01'), max: Date.parse('2035-01-01') })
    fc.assert(
      fc.property(zones, instants, fc.integer({ min: 0, max: 48 * 3_600_000 }), (zone, instant, later) => {
        const periodsOf = calendar(zone)
        const [a, b] = [periodsOf(instant), periodsOf(instant + later)]
        for (const period of ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const) {
          expect(b[period] >= a[period]).toBe(true)
        }
      }),
    )
  })
})

test.each([
  ['UTC', true],
  ['Europe/Berlin', true],
  ['America/Argentina/Buenos_Aires', true],
  ['Europe/Atlantis', false],
  ['+01:00', false],
  ['', false],
])('"%s" is a time zone: %s', (name, expected) => {
  expect(isTimezone(name)).toBe(expected)
})
