import { idOf, recordOf } from './records.mjs'

const different = Array.from({ length: 1000 }, (_, i) => recordOf(i))
const rowOf = (i) => ({ id: idOf(i), ...different[i % different.length] })
const numberOf = (id) => Number(id.slice(1))

/** So many records that are made up as they are read, and can be read in ranges of ids: a source for shards. */
export const rangedSource = (records) => ({
  describe: async () => ({
    database: { bucket: 'shards' },
    resources: [{ name: 'users', attributes: { name: 'string' }, partitions: {}, timestamps: false }],
  }),
  ranges: {
    /** In pages of a listing. */
    async *ids() {
      for (let from = 0; from < records; from += 1000)
        yield Array.from({ length: Math.min(1000, records - from) }, (_, i) => idOf(from + i))
    },
  },
  async *read(_, { range: { after, upTo } = {} }) {
    const end = upTo === undefined ? records : numberOf(upTo) + 1
    for (let from = after === undefined ? 0 : numberOf(after) + 1; from < end; from += 250)
      yield { rows: Array.from({ length: Math.min(250, end - from) }, (_, i) => rowOf(from + i)) }
  },
})
