// Records that are the same in every process, read slowly enough to be killed in the middle.
import { setTimeout as pause } from 'node:timers/promises'

export const recordOf = (i) => ({
  id: `r${String(i).padStart(6, '0')}`,
  name: `Record ${i}`,
  odd: i % 2 === 1,
})

export function syntheticSource(count, msPerBatch) {
  const batch = 100
  return {
    describe: async () => ({
      database: { name: 'synthetic' },
      resources: [
        {
          name: 'records',
          attributes: { name: 'string', odd: 'boolean' },
          partitions: {},
          timestamps: false,
        },
      ],
    }),
    ranges: {
      async *ids() {
        for (let i = 0; i < count; i++) yield [recordOf(i).id]
      },
    },
    async *read(_, { range = {}, signal }) {
      const number = (id) => Number(id.slice(1))
      const from = range.after === undefined ? 0 : number(range.after) + 1
      const to = range.upTo === undefined ? count : number(range.upTo) + 1
      for (let i = from; i < to; i += batch) {
        await pause(msPerBatch, undefined, { signal })
        yield { rows: Array.from({ length: Math.min(batch, to - i) }, (_, k) => recordOf(i + k)) }
      }
    },
  }
}
