// A full backup of the given number of records, generated while they are read, to a destination that counts bytes and
// stores none.
import { idOf, recordOf } from '../database.mjs'
import { timed } from '../measure.mjs'
import { core } from '../products.mjs'

const records = Number(process.argv[2])
const different = Array.from({ length: 1000 }, (_, i) => recordOf(i))

const sourceOf = (count) => ({
  describe: async () => ({
    database: { bucket: 'growth' },
    resources: [{ name: 'users', attributes: { name: 'string' }, partitions: {}, timestamps: false }],
  }),
  async *read() {
    for (let from = 0; from < count; from += 250) {
      const rows = Array.from({ length: Math.min(250, count - from) }, (_, i) => ({
        id: idOf(from + i),
        ...different[(from + i) % different.length],
      }))
      yield { rows, expected: count }
    }
  },
})

async function* nothing() {
  // This destination is always empty.
}

/** Knows which objects there are, and nothing of what is in them. */
const sizes = new Map()
const nowhere = {
  name: 'nowhere',
  async put(key, body) {
    let bytes = 0
    for await (const chunk of body) bytes += chunk.byteLength
    sizes.set(key, bytes)
    return { bytes }
  },
  get: nothing,
  async *list(prefix) {
    for (const [key, bytes] of sizes) if (key.startsWith(prefix)) yield { key, bytes }
  },
  delete: async (key) => void sizes.delete(key),
}

const backUp = async (count) => {
  const made = await core.backup({ source: sourceOf(count), driver: nowhere, verify: false })
  if (made.records !== count) throw new Error(`${made.records} of ${count} records`)
}

// A first run, large enough that all code is compiled: otherwise the small run alone would pay for that.
await backUp(20_000)
const ms = await timed(() => backUp(records))
console.log(JSON.stringify({ microseconds: (ms * 1000) / records }))
process.exit(0)
