// Writes the frozen chains below core's fixtures/format-v1-chain and this package's fixtures/3 and 4, once: existing
// files are never rewritten. Build the packages, then: node packages/encryption/test/make-chains.mjs
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { backup } from '@s3db-backup/core'
import { encryption, keygen } from '@s3db-backup/encryption'

const person = (id, name, more = {}) => ({ id, name, ...more })

/** The database at three times. `raw`: the exact form of what a line cannot reproduce. */
const states = [
  {
    people: [person('a', 'Ann'), person('b', 'Zoë'), person('c', 'Cleo'), person('d', 'Dan')],
    orders: [
      { id: 'o1', total: 0.1 },
      { id: 'o2', total: 2 },
    ],
    empty: [],
  },
  {
    people: [person('a', 'Anna'), person('c', 'Cleo'), person('d', 'Dan'), person('e', '日本 😀')],
    orders: [],
    empty: [],
  },
  {
    people: [
      person('a', 'Anna'),
      person('b', 'Zoë again'),
      person('c', 'Cleo', { note: 'raw' }),
      person('d', 'Dan'),
    ],
    orders: [{ id: 'o1', total: 0.1 }],
    empty: [{ id: 'first' }],
  },
]
const raw = new Map([['c', { meta: { name: 'u:Wm/Dqw==' }, body: '' }]])

const markOf = (row) => ({ id: row.id, modified: 0, hash: JSON.stringify(row) })

function sourceOf(state) {
  return {
    incremental: true,
    describe: async () => ({
      database: { bucket: 'example' },
      identity: 'one database',
      resources: Object.keys(state).map((name) => ({
        name,
        attributes: { name: 'string' },
        partitions: {},
        timestamps: false,
      })),
    }),
    async *read(resource, { since }) {
      const rows = state[resource]
      const before = new Map()
      if (since !== undefined)
        for await (const marks of since.index) for (const mark of marks) before.set(mark.id, mark)
      const changed = rows.filter((row) => before.get(row.id)?.hash !== markOf(row).hash)
      const ids = new Set(rows.map(({ id }) => id))
      yield {
        rows: changed,
        marks: changed.map(markOf),
        raw: new Map([...raw].filter(([id]) => changed.some((row) => row.id === id && row.note === 'raw'))),
        replaced: changed.flatMap(({ id }) => before.get(id) ?? []),
        deleted: [...before.values()].filter(({ id }) => !ids.has(id)),
      }
    },
  }
}

function folder(root) {
  const objects = new Map()
  return {
    name: 'folder',
    async put(key, body) {
      const chunks = []
      for await (const chunk of body) chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      objects.set(key, bytes)
      mkdirSync(dirname(join(root, key)), { recursive: true })
      writeFileSync(join(root, key), bytes)
      return { bytes: bytes.byteLength }
    },
    async *get(key) {
      yield objects.get(key)
    },
    async *list(prefix) {
      for (const [key, bytes] of objects) if (key.startsWith(prefix)) yield { key, bytes: bytes.byteLength }
    },
    async delete(key) {
      objects.delete(key)
      rmSync(join(root, key))
    },
  }
}

async function make(root, options = {}) {
  if (existsSync(root)) return console.log(`${root}: kept`)
  const driver = folder(root)
  let parent
  for (const [at, state] of states.entries()) {
    const type = parent === undefined ? 'full' : 'incremental'
    const id = `${type}-2024-03-1${5 + at}T14-30-45-abc123`
    const now = () => new Date(`2024-03-1${5 + at}T14:30:45.000Z`)
    const incremental = parent === undefined ? {} : { incremental: { since: parent } }
    await backup({ source: sourceOf(state), driver, id, type, now, ...incremental, ...options })
    parent = id
  }
  console.log(`${root}: made`)
}

await make(join(import.meta.dirname, '../../core/fixtures/format-v1-chain'))

// 3: the first form; 4: with the kind of each part in the readable half.
for (const folder of ['3', '4']) {
  const encrypted = join(import.meta.dirname, '../fixtures', folder)
  if (existsSync(encrypted)) continue
  const key = keygen()
  await make(encrypted, { encryption: encryption({ algorithm: 'AES-256-GCM', key }) })
  writeFileSync(join(encrypted, 'secrets.json'), `${JSON.stringify({ key }, null, 2)}\n`)
}
