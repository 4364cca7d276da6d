import { expect, test } from 'vitest'
import { pricesSchema } from './prices.js'
import { policyOf } from './retention-policy.js'
import type { Settings } from './settings.js'

const configured = (plugin: Settings['plugin']): Settings => ({
  connection: undefined,
  metadata: {},
  prices: pricesSchema.parse({}),
  plugin,
})
const file = configured({ retention: { daily: 7, timezone: 'Europe/Berlin', pins: ['a'] } })

test('without options the configured policy applies, wherever it is', () => {
  expect(policyOf({}, file)).toEqual({ daily: 7, timezone: 'Europe/Berlin', pins: ['a'] })
  expect(policyOf({}, configured({ config: { retention: { weekly: 4 } } }))).toEqual({ weekly: 4, pins: [] })
})

test('rules of the command line replace the configured ones; pins, zone and guard stay', () => {
  expect(policyOf({ keepLast: 3, within: '30d' }, file)).toEqual({
    keepLast: 3,
    keepWithin: '30d',
    timezone: 'Europe/Berlin',
    pins: ['a'],
  })
})

test('a pin or a zone alone changes no rule', () => {
  expect(policyOf({ pin: ['b'], timezone: 'UTC' }, file)).toEqual({
    daily: 7,
    timezone: 'UTC',
    pins: ['a', 'b'],
  })
})

test('without any policy nothing is pruned', () => {
  expect(() => policyOf({ pin: ['b'] }, configured({}))).toThrow('No retention policy given')
})
