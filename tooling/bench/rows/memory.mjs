import { flags } from '../../../apps/cli/src/small-heap.ts'
import { inChild } from '../child.mjs'
import { manyAgainstFew } from '../measure.mjs'

const peakOf = async (records) => inChild('synthetic.mjs', [records, ...flags]).peakMiB

export const rows = [
  {
    what: 'peak memory (RSS) of a full backup of 10,000,000 made-up records to disk, in a process that keeps its heap small as the command does',
    against: 'the same of 100,000',
    reach: 'at most 16 MiB more, under 160 MiB',
    unit: 'MiB',
    sizes: {
      full: { many: 10_000_000, few: 100_000, times: 3 },
      quick: { many: 20_000, few: 10_000, times: 1 },
    },
    run: manyAgainstFew(peakOf),
  },
]
