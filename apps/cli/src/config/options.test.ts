import { expect, test } from 'vitest'
import { parseLength } from './options.js'

test('lengths are whole numbers with a unit', () => {
  expect(['90s', '45min', '26h', '7d', '2w'].map(parseLength)).toEqual([
    90_000, 2_700_000, 93_600_000, 604_800_000, 1_209_600_000,
  ])
  expect(['', '5', '5m', '1.5h', '-1h', 'h'].map(parseLength)).toEqual(Array(6).fill(undefined))
})
