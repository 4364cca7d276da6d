import { expect, test } from 'vitest'
import { keyValue, names, namesIfAny, parseLength, partition } from './options.js'

test('lengths are whole numbers with a unit', () => {
  expect(['90s', '45min', '26h', '7d', '2w'].map(parseLength)).toEqual([
    90_000, 2_700_000, 93_600_000, 604_800_000, 1_209_600_000,
  ])
  expect(['', '5', '5m', '1.5h', '-1h', 'h'].map(parseLength)).toEqual(Array(6).fill(undefined))
})

test('names that every object has are names like any other, and __proto__ is refused, not dropped', () => {
  for (const name of ['constructor', 'toString']) {
    expect(partition(`${name}=US`)).toEqual({ [name]: ['US'] })
    expect(keyValue(`${name}=x`)).toEqual({ [name]: 'x' })
  }
  expect(() => keyValue('__proto__=x')).toThrow('JSON objects lose a key of this name')
})

test('a list of names that names nothing is refused where it would select nothing', () => {
  for (const nothing of ['', ' ', ',', ' , '])
    for (const before of [[], ['users']]) {
      expect(() => names(nothing, before)).toThrow('names nothing')
      expect(namesIfAny(nothing, before)).toEqual(before)
    }
  expect(names('orders, ,logs', ['users'])).toEqual(['users', 'orders', 'logs'])
  expect(() => partition('byRegion=,')).toThrow('partition=value')
})
