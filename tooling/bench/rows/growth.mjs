import { inChild } from '../child.mjs'
import { inTurn } from '../measure.mjs'

const costOf = (records) => async () => inChild('growth.mjs', [records]).microseconds

const row = (many, full, quick) => ({
  what: `cost of a record in a full backup of ${many} records`,
  against: 'the same in one of 10,000; from a source that makes them up, to a place that keeps nothing',
  reach: 'at most 1.1',
  unit: 'µs',
  sizes: { full, quick },
  run: ({ records, few, times }) => inTurn(times, costOf(records), costOf(few)),
})

export const rows = [
  row('100,000', { records: 100_000, few: 10_000, times: 5 }, { records: 2000, few: 1000, times: 1 }),
  row('1,000,000', { records: 1_000_000, few: 10_000, times: 5 }, { records: 10_000, few: 1000, times: 1 }),
]
