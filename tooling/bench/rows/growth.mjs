import { inChild } from '../child.mjs'
import { manyAgainstFew } from '../measure.mjs'

const costOf = async (records) => inChild('growth.mjs', [records]).microseconds

const row = (records, full, quick) => ({
  what: `cost of a record in a full backup of ${records} records`,
  against: 'the same in one of 10,000; from a source that makes them up, to a place that keeps nothing',
  reach: 'at most 1.1',
  unit: 'µs',
  sizes: { full, quick },
  run: manyAgainstFew(costOf),
})

export const rows = [
  row('100,000', { many: 100_000, few: 10_000, times: 5 }, { many: 2000, few: 1000, times: 1 }),
  row('1,000,000', { many: 1_000_000, few: 10_000, times: 5 }, { many: 10_000, few: 1000, times: 1 }),
]
