import { describe, expect, test } from 'vitest'
import { parsePolicy } from './index.js'

const defaults = {
  keepLast: 0,
  hourly: 0,
  daily: 0,
  weekly: 0,
  monthly: 0,
  quarterly: 0,
  yearly: 0,
  keepWithin: null,
  minKeep: 1,
  timezone: 'UTC',
  pins: [],
  maxShareRemoved: 0.5,
}

describe('a policy', () => {
  test.each([
    ['nothing at all', undefined, {}],
    ['no rules', {}, {}],
    [
      'the documented rotation',
      { daily: 7, weekly: 4, monthly: 12, yearly: 3 },
      { daily: 7, weekly: 4, monthly: 12, yearly: 3 },
    ],
    [
      'the documented gfs form',
      { policy: 'gfs', daily: 7, weekly: 4, monthly: 12 },
      { daily: 7, weekly: 4, monthly: 12 },
    ],
    ['the documented simple form', { policy: 'simple', count: 7 }, { keepLast: 7 }],
    ['no limit, written either way', { daily: -1, weekly: 'all' }, { daily: 'all', weekly: 'all' }],
    ['no guard', { maxShareRemoved: false }, { maxShareRemoved: 1 }],
    [
      'a zone and pins',
      { timezone: 'Asia/Kolkata', pins: ['full-1'] },
      { timezone: 'Asia/Kolkata', pins: ['full-1'] },
    ],
  ])('can have %s', (_, input, expected) => {
    expect(parsePolicy(input)).toEqual({ ...defaults, ...expected })
  })

  test('can be stored as JSON', () => {
    const policy = parsePolicy({ daily: 'all', keepWithin: '1y6m', timezone: 'Europe/Berlin' })
    expect(JSON.parse(JSON.stringify(policy))).toEqual(policy)
  })

  test.each([
    ['daily: must be a whole number', { daily: 1.5 }],
    ['weekly: must be a whole number', { weekly: -2 }],
    ['yearly: must be a whole number', { yearly: '3' }],
    ['minKeep', { minKeep: 0 }],
    ['maxShareRemoved: must be a share', { maxShareRemoved: 50 }],
    ['maxShareRemoved: must be a share', { maxShareRemoved: 0 }],
    ['pins', { pins: 'full-1' }],
    ['keepWithin: must be a length', { keepWithin: '30' }],
    ['policy: must be "gfs" or "simple"', { policy: 'grandfather' }],
    ['count: is needed', { policy: 'simple' }],
    ['count: goes with policy "simple" only', { policy: 'gfs', count: 7 }],
    ['count: goes with policy "simple" only', { count: 7 }],
    ['daily: does not go with policy "simple"', { policy: 'simple', count: 7, daily: 7 }],
    ['timezone: is not an IANA time zone (did you mean "Europe/Berlin"?)', { timezone: 'Europe/Berln' }],
    ['timezone: is not an IANA time zone', { timezone: '+02:00' }],
    ['timezone: is not an IANA time zone', { timezone: '' }],
    ['unknown option month (did you mean "monthly"?)', { month: 3 }],
    ['unknown option keeplast (did you mean "keepLast"?)', { keeplast: 3 }],
    ['the value', null],
    ['the value', 7],
  ])('is refused with "%s"', (message, input) => {
    expect(() => parsePolicy(input)).toThrowError(expect.objectContaining({ code: 'invalid_options' }))
    expect(() => parsePolicy(input)).toThrow(message)
  })

  test('is refused with all of its problems at once', () => {
    const input = { policy: 'simple', dayly: 7, monthly: 'x', timezone: 'Mars', keepWithin: '3 days' }
    const told = ['dayly (did you mean "daily"?)', 'monthly', 'timezone', 'keepWithin', 'count: is needed']
    for (const message of told) expect(() => parsePolicy(input)).toThrow(message)
  })
})
