import { inChild } from '../child.mjs'
import { manyAgainstFew } from '../measure.mjs'

// V8 lets garbage accumulate up to its limit. With a small heap, what remains is what the work needs.
const heap = ['--max-old-space-size=48', '--max-semi-space-size=2']

const peakOf = async (keys) => inChild('compare-keys.mjs', [keys], heap).peakMiB

export const rows = [
  {
    what: 'peak memory of comparing 1,000,000 listed keys with as many index entries',
    against:
      'the same for 10,000; each in a process of its own, all of it counted (RSS), the heap held to 48 MiB',
    reach: 'at most 16 MiB more',
    unit: 'MiB',
    sizes: {
      full: { many: 1_000_000, few: 10_000, times: 5 },
      quick: { many: 20_000, few: 10_000, times: 1 },
    },
    run: manyAgainstFew(peakOf),
  },
]
