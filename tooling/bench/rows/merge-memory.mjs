import { inChild } from '../child.mjs'
import { inTurn } from '../measure.mjs'

export const rows = [
  {
    what: 'peak memory of comparing 1,000,000 listed keys with as many index entries',
    against: 'the same for 10,000; both in a process of their own, all of it counted (RSS)',
    reach: 'flat',
    unit: 'MiB',
    sizes: {
      full: { many: 1_000_000, few: 10_000, times: 5 },
      quick: { many: 20_000, few: 10_000, times: 1 },
    },
    run: ({ many, few, times }) =>
      inTurn(
        times,
        async () => inChild('compare-keys.mjs', many).peakMiB,
        async () => inChild('compare-keys.mjs', few).peakMiB,
      ),
  },
]
