import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Workplace, workplace } from './workplace.ts'

// Checks what the README and the guide say about the plugin inside s3db.js against the plugin itself. If this fails
// because the plugin got better, correct the documents.
const scene = `
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { BackupPlugin, Database } from 's3db.js'

const log = { logLevel: 'silent', loggerOptions: { level: 'silent' } }
const db = new Database({ connectionString: 'memory://shop/app', exitOnSignal: false, ...log })
await db.connect()
const users = await db.createResource({ name: 'users', attributes: { name: 'string' } })
await users.insertMany(Array.from({ length: 2500 }, (_, i) => ({ id: 'u' + i, name: 'Zoë ' + i })))
const encryption = { algorithm: 'AES-256-GCM', key: 'x'.repeat(32) }
const plugin = new BackupPlugin({ driver: 'filesystem', config: { path: './old' }, encryption, ...log })
await db.usePlugin(plugin)
const { id, driverInfo } = await plugin.backup('full')

const archive = JSON.parse(gunzipSync(readFileSync(driverInfo.path)).toString('utf8'))
const manifest = JSON.parse(readFileSync(driverInfo.manifestPath, 'utf8'))
const content = (name) => archive.files.find((file) => file.name === name).content
const decompresses = (text) => ['utf8', 'latin1'].some((encoding) => {
  try {
    return gunzipSync(Buffer.from(text, encoding)).length > 0
  } catch {
    return false
  }
})
const described = JSON.parse(content('s3db.json'))

await users.delete('u1')
const { restored } = await plugin.restore(id, { overwrite: true })

const lost = new Database({ connectionString: 'memory://shop/fresh', exitOnSignal: false, ...log })
await lost.connect()
const again = new BackupPlugin({ driver: 'filesystem', config: { path: './old' }, ...log })
await lost.usePlugin(again)
const afterLoss = await again.restore(id).catch((error) => error.message)

const seen = {
  files: archive.files.map(({ name }) => name),
  replaced: (content('users.jsonl.gz').match(/\\uFFFD/g) ?? []).length,
  decompresses: decompresses(content('users.jsonl.gz')),
  exported: described.resources.users.recordCount,
  attributes: described.resources.users.attributes,
  encrypted: manifest.encrypted,
  restored,
  isBack: await users.exists('u1'),
  afterLoss,
  resources: Object.keys(db.resources),
  methods: ['list', 'deleteBackup', 'cleanupBackups'].filter((name) => typeof plugin[name] === 'function'),
}
process.stdout.write('\\nseen ' + JSON.stringify(seen) + '\\n', () => process.exit(0))
`

let place: Workplace

beforeAll(() => {
  place = workplace()
})
afterAll(() => place.remove())

it('the built-in plugin of s3db.js 21.6.2 does what the comparison says', async () => {
  const output = await place.run({ document: 'scene', line: 1, language: 'js', text: scene })
  const seen = JSON.parse(/^seen (.+)$/m.exec(output)?.[1] ?? '{}')
  expect(seen).toMatchObject({
    files: ['users.jsonl.gz', 'plg_backup_metadata.jsonl.gz', 's3db.json'],
    decompresses: false,
    exported: 1000,
    attributes: {},
    encrypted: true,
    restored: [],
    isBack: false,
    resources: ['users', 'plg_backup_metadata'],
    methods: [],
  })
  expect(seen.replaced).toBeGreaterThan(1000)
  expect(seen.afterLoss).toContain('not found')
})
