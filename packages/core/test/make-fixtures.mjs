// Writes the frozen backups below fixtures/format-v1, once: existing files are never rewritten, because they stand
// for backups that users have. Build the package, then: node packages/core/test/make-fixtures.mjs
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { backup, brotli, deflate, gzip, zstd } from '@s3db-backup/core'

const root = join(import.meta.dirname, '../fixtures/format-v1')
const now = () => new Date('2024-03-15T14:30:45.000Z')

const people = [
  { id: 'a', name: 'Zoë', note: 'a\r\nb\u2028c\u2029d', age: 7 },
  { id: 'b', name: '日本 😀', tags: ['x', null], nested: { '': 0.1, 'a.b': -1e21 } },
  { id: 'c', name: '\ud800', empty: '', ['__proto__']: { x: 1 } },
]
const contents = { people, 'odd/name': [{ id: '../x' }], empty: [] }

const raw = new Map([
  ['a', { meta: { name: 'u:Wm/Dqw==' }, body: '' }],
  ['c', null],
])

function source(more = {}) {
  return {
    describe: async () => ({
      database: { bucket: 'example' },
      resources: Object.keys(contents).map((name) => ({
        name,
        attributes: { name: 'string|required' },
        partitions: {},
        timestamps: true,
        definition: { behavior: 'body-overflow' },
      })),
    }),
    async *read(resource) {
      yield { rows: contents[resource], ...(resource === 'people' ? more : {}) }
    },
  }
}

function memory() {
  const objects = new Map()
  return {
    name: 'memory',
    objects,
    async put(key, body) {
      const chunks = []
      for await (const chunk of body) chunks.push(chunk)
      objects.set(key, Buffer.concat(chunks))
      return { bytes: objects.get(key).byteLength }
    },
    async *get(key) {
      yield objects.get(key)
    },
    async *list(prefix) {
      for (const [key, bytes] of objects) if (key.startsWith(prefix)) yield { key, bytes: bytes.byteLength }
    },
    async delete(key) {
      objects.delete(key)
    },
  }
}

async function make(id, options = {}, change = () => undefined) {
  if (existsSync(join(root, id))) return console.log(`${id}: kept`)
  const driver = memory()
  await backup({ source: source(options.more), driver, id, now, ...options.backup })
  change(driver.objects)
  for (const [key, bytes] of driver.objects) {
    mkdirSync(dirname(join(root, key)), { recursive: true })
    writeFileSync(join(root, key), bytes)
  }
  console.log(`${id}: made`)
}

await make('gzip', { backup: { codecs: [gzip()] } })
await make('none', { backup: { codecs: [] } })
await make('brotli', { backup: { codecs: [brotli()] } })
await make('deflate', { backup: { codecs: [deflate()] } })
await make('zstd', { backup: { codecs: [zstd()] } })
await make('raw', { more: { raw } })
await make('two-parts', {
  backup: { maxPartBytes: 1024, codecs: [] },
  more: { rows: people.flatMap(padded) },
})
await make('truncated', {}, (objects) => {
  objects.set('truncated/people.jsonl.gz', objects.get('truncated/people.jsonl.gz').subarray(0, -5))
})
await make('future-version', {}, (objects) => {
  const manifest = JSON.parse(String(objects.get('future-version/s3db.json')))
  const newer = { ...manifest, format: 's3db-backup/2', checksum: undefined, seal: 'of another kind' }
  objects.set('future-version/s3db.json', Buffer.from(JSON.stringify(newer)))
})

function padded(record) {
  return [0, 1, 2].map((n) => ({ ...record, id: `${record.id}${n}`, padding: 'x'.repeat(200) }))
}
