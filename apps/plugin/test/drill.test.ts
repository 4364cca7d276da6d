import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openCatalog } from '@s3db-backup/core'
import { sweep, unfinished } from '@s3db-backup/core/internal'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { describe, expect, it } from 'vitest'
import { BackupPlugin, formatDrillReport, verifyDrillReport } from '../src/index.js'
import { failure, filled, install, made, scratch } from './scene.js'

async function withBackup(encrypted: boolean) {
  const [database, path] = [await filled(5), scratch()]
  const key = `hex:${randomBytes(32).toString('hex')}`
  const encryption = encrypted ? ({ algorithm: 'AES-256-GCM', key } as const) : null
  const tempDir = scratch()
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path }, encryption, tempDir })
  await install(database, plugin)
  const full = await plugin.backup('full')
  await database.resources.users?.insert({ id: 'u9', name: 'a\u0000b 😀', n: 9 })
  await database.resources.users?.delete('u0')
  const incremental = await plugin.backup('incremental')
  const spoil = async () => {
    const { manifest } = await plugin.describe(full.id)
    const file = join(full.path, manifest.parts.find(({ holds }) => holds === 'rows')?.file ?? '')
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(file, bytes)
  }
  return { database, path, plugin, full, incremental, spoil, tempDir }
}

describe.each([
  ['plain', false],
  ['encrypted', true],
] as const)('a drill of a %s backup', (_, encrypted) => {
  it('restores it elsewhere and finds every record unchanged', async () => {
    const { plugin, full, incremental, database } = await withBackup(encrypted)
    for (const [{ id }, records] of [
      [full, 5],
      [incremental, 5],
    ] as const) {
      const report = await plugin.drills.run(id)
      expect(report).toEqual({
        ...{ format: 's3db-backup-drill/1', id, level: 'restore', ok: true, problems: [], scratch: 'disk' },
        startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        duration: expect.any(Number),
        durations: { restore: expect.any(Number), compare: expect.any(Number) },
        chain: id === full.id ? [id] : [full.id, id],
        selection: { resources: null, exclude: [] },
        versions: {
          backup: expect.any(String),
          s3db: expect.stringMatching(/^\d+\./),
          node: process.versions.node,
        },
        resources: { users: { records, compared: records, different: 0, examples: [] } },
        signOff: { by: null, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), signature: null },
      })
      expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    }
    expect(await database.resources.users?.count()).toBe(5)
  })

  it('leaves nothing behind, whether it passes, fails or is aborted', async () => {
    const { plugin, full, spoil, tempDir } = await withBackup(encrypted)
    const abort = new AbortController()
    await plugin.drills.run(full.id)
    const aborted = plugin.drills.run(full.id, { signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    await spoil()
    await plugin.drills.run(full.id)
    expect(readdirSync(tempDir)).toEqual([])
  })

  it('reports what is wrong with a damaged one', async () => {
    const { plugin, incremental, spoil } = await withBackup(encrypted)
    await spoil()
    expect(await plugin.drills.run(incremental.id)).toMatchObject({
      ok: false,
      problems: [{ code: 'corrupt', operation: 'verify' }],
    })
  })
})

describe('where a drill restores to', () => {
  it('can be memory, without files', async () => {
    const { plugin, full } = await withBackup(false)
    expect(await plugin.drills.run(full.id, { scratch: 'memory' })).toMatchObject({
      ok: true,
      scratch: 'memory',
    })
  })

  it('keeps nothing restored to memory afterwards', async () => {
    const { path, full } = await withBackup(false)
    const database: unknown = await filled(1)
    const plugin = new BackupPlugin({ config: { path }, database: database as never })
    const buckets = new Set<string>()
    observed(plugin, (bucket) => buckets.add(bucket))
    await plugin.drills.run(full.id, { scratch: 'memory' })
    expect(buckets.size).toBe(1)
    for (const bucket of buckets) {
      const again = await made({ connectionString: `memory://${bucket}/scratch` })
      await again.ensureClientInitialized()
      expect(await again.client.getAllKeys({ prefix: '' })).toEqual([])
    }
  })

  it('can be below an existing database, which is not changed', async () => {
    const { plugin, full } = await withBackup(false)
    const place = scratch()
    writeFileSync(join(place, 's3db.json'), 'mine')
    expect(await plugin.drills.run(full.id, { scratch: `file://${place}` })).toMatchObject({
      ok: true,
      scratch: 'database',
      resources: { users: { compared: 5 } },
    })
    expect(readFileSync(join(place, 's3db.json'), 'utf8')).toBe('mine')
    const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
    const records = files.filter(({ name }) => name.startsWith('id='))
    expect(records).toEqual([])
  })
})

describe('a drill of some resources', () => {
  it('restores and compares only those', async () => {
    const { database, plugin } = await withBackup(false)
    await (await database.createResource({ name: 'orders', attributes: { n: 'number' } })).insert({
      id: 'o',
      n: 1,
    })
    const { id } = await plugin.backup('full')
    const report = await plugin.drills.run(id, { resources: ['ord*'] })
    expect(report.resources).toEqual({ orders: { records: 1, compared: 1, different: 0, examples: [] } })
    expect(report.selection).toEqual({ resources: ['ord*'], exclude: [] })
    expect(Object.keys((await plugin.drills.run(id, { exclude: ['orders'] })).resources)).toEqual(['users'])
  })

  it('refuses a name that the backup does not have, instead of calling the backup damaged', async () => {
    const { plugin, full } = await withBackup(false)
    expect(await failure(() => plugin.drills.run(full.id, { resources: ['usres'] }))).toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('usres'),
    })
  })
})

interface Connecting {
  connect(): Promise<void>
  readonly client: {
    putObject(object: { readonly key: string; readonly metadata: object }): Promise<unknown>
  }
}

/** Tells the bucket of every database that the plugin makes. */
function observed(plugin: BackupPlugin, tell: (bucket: string) => void) {
  const { database } = plugin.config
  const Original: unknown = database?.constructor
  if (database === undefined || typeof Original !== 'function') throw new Error('no database')
  const Observed = new Proxy(Original, {
    construct(given, args) {
      tell(new URL(args[0].connectionString).host)
      return Reflect.construct(given, args)
    },
  })
  Object.defineProperty(database, 'constructor', { value: Observed })
}

/** A scratch database that loses and changes what is written to it, through s3db.js's own client. */
function unfaithful(plugin: BackupPlugin, broken: (id: string) => 'changed' | 'lost' | undefined) {
  const { database } = plugin.config
  const Original: unknown = database?.constructor
  if (database === undefined || typeof Original !== 'function') throw new Error('no database')
  const Unfaithful = new Proxy(Original, {
    construct(given, args) {
      const made: Connecting = Reflect.construct(given, args)
      const connect = made.connect.bind(made)
      made.connect = async () => {
        await connect()
        const put = made.client.putObject.bind(made.client)
        made.client.putObject = async (object) => {
          const how = broken(object.key.split('id=')[1] ?? '')
          if (how === 'lost') return {}
          return put(how === 'changed' ? { ...object, metadata: { ...object.metadata, n: 'b:77' } } : object)
        }
      }
      return made
    },
  })
  Object.defineProperty(database, 'constructor', { value: Unfaithful })
}

it('a drill names the records that were restored differently or not at all', async () => {
  const [database, path] = [await filled(40), scratch()]
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path }, database: database as never })
  const { id } = await plugin.backup('full')
  unfaithful(plugin, (record) =>
    record === 'u3' ? 'lost' : /^u[12]\d$/.test(record) ? 'changed' : undefined,
  )
  const report = await plugin.drills.run(id)
  // The restore itself has seen that one is missing; the comparison says which.
  const missing = { code: 'incomplete', message: expect.stringContaining('1 are not listed') }
  expect(report).toMatchObject({ ok: false, problems: [missing] })
  expect(report.resources.users).toMatchObject({ records: 40, compared: 39, different: 21 })
  expect(report.resources.users?.examples).toHaveLength(10)
  const text = formatDrillReport(report)
  expect(text).toContain('FAILED')
  expect(text).toMatch(/users: u10, .* and 11 more/)
  expect(text).toMatch(/Signed off by +nobody \(set signedOffBy, or --signed-off-by\)/)
})

describe('the report of a drill', () => {
  it('is a text of what was restored, compared and found, safe from names in the backup', async () => {
    const { plugin, incremental, full } = await withBackup(false)
    const report = await plugin.drills.run(incremental.id, { signedOffBy: 'Ada\u001b[2J' })
    const text = formatDrillReport(report)
    for (const part of [incremental.id, full.id, 'passed', report.signOff.sha256, 'Ada\uFFFD[2J'])
      expect(text).toContain(part)
    expect(text).toMatch(/^users +5 +5 +0$/m)
    expect(text).toContain(`\nBackups read  ${full.id}\n              ${incremental.id}\n`)
  })

  it('is signed off with a checksum, and with a signature if there is a key', async () => {
    const { plugin, full } = await withBackup(false)
    const keys = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    const other = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    const { privateKey: signingKey, publicKey } = keys
    const report = await plugin.drills.run(full.id, { signedOffBy: 'Ada', signingKey })
    const read = () => JSON.parse(JSON.stringify(report))
    expect(verifyDrillReport(read())).toEqual({ ok: true, intact: true, signature: 'unchecked' })
    expect(verifyDrillReport(read(), { publicKey })).toEqual({ ok: true, intact: true, signature: 'valid' })
    expect(verifyDrillReport(read(), { publicKey: other.publicKey })).toMatchObject({ signature: 'invalid' })
    const alterations: ((altered: ReturnType<typeof read>) => void)[] = [
      (altered) => Object.assign(altered, { ok: false }),
      (altered) => Object.assign(altered.resources.users, { different: 1 }),
      (altered) => Object.assign(altered.signOff, { by: 'Eve' }),
      (altered) => Object.assign(altered, { more: 1 }),
    ]
    for (const alter of alterations) {
      const altered = read()
      alter(altered)
      expect(verifyDrillReport(altered, { publicKey })).toEqual({
        ok: false,
        intact: false,
        signature: 'invalid',
      })
    }
    const unsigned = await plugin.drills.run(full.id)
    expect(verifyDrillReport(unsigned, { publicKey })).toEqual({ ok: false, intact: true, signature: 'none' })
    expect(verifyDrillReport('nonsense')).toMatchObject({ ok: false })
  })

  it('is refused before anything is restored if the key is invalid, without repeating it', async () => {
    const { plugin, full } = await withBackup(false)
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    for (const signingKey of ['sesame', String(rsa.export({ type: 'pkcs8', format: 'pem' }))]) {
      const error = await failure(() => plugin.drills.run(full.id, { signingKey }))
      expect(error).toMatchObject({ code: 'invalid_options' })
      expect(error.cause).toBeUndefined()
      expect(JSON.stringify(error)).not.toContain(signingKey.slice(0, 20).trim().split('\n').at(-1))
    }
  })
})

describe.each([
  ['plain', false],
  ['encrypted', true],
] as const)('reports that are kept beside %s backups', (_, encrypted) => {
  it('show the history, and never count as backups', async () => {
    const { plugin, path, full, incremental, spoil } = await withBackup(encrypted)
    expect(await plugin.drills.list()).toEqual([])
    await plugin.drills.run(incremental.id, { storeReport: true })
    await spoil()
    await plugin.drills.run(full.id, { storeReport: true })
    const kept = await plugin.drills.list()
    expect(kept.map(({ ok }) => ok).sort()).toEqual([false, true])
    for (const { key } of kept) {
      const report = JSON.parse(readFileSync(join(path, key), 'utf8'))
      expect(verifyDrillReport(report)).toMatchObject({ ok: true })
      expect(JSON.stringify(report).includes('users')).toBe(!encrypted)
    }
    const driver = filesystem({ path })
    const { backups, damaged } = await openCatalog(driver).list()
    expect([backups.length, damaged.length]).toEqual([2, 0])
    expect(await unfinished({ driver })).toEqual([])
    await sweep({ driver, now: () => new Date(Date.now() + 1e10) })
    expect(await plugin.drills.list()).toEqual(kept)
  })
})

/** Drills in a process of its own, so that its memory is its own. */
function drillOf(records: number, bytes: number) {
  const here = (file: string) => join(import.meta.dirname, file)
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...['--expose-gc', '--import', here('from-source.mjs'), here('large-drill.mjs')],
      ...[scratch(), String(records), String(bytes)],
    ],
    { encoding: 'utf8' },
  )
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

it('a drill holds a few of the records at a time, whatever their number', () => {
  const [few, many] = [drillOf(200, 24_000), drillOf(1_400, 24_000)]
  expect(many).toMatchObject({ ok: true, resources: { notes: { records: 1400, compared: 1400 } } })
  // 1,200 more records are 29 MB more.
  expect(many.heapMiB - few.heapMiB).toBeLessThan(12)
})

it('a drill without the key says so instead of reporting a damaged backup', async () => {
  const { database, path, full } = await withBackup(true)
  const blind = new BackupPlugin({ driver: 'filesystem', config: { path }, database: database as never })
  expect(await failure(() => blind.drills.run(full.id))).toMatchObject({
    code: 'undecryptable',
  })
  expect(await blind.validateBackups({ level: 'restore' })).toMatchObject({ passed: 0, failed: 0, errors: 2 })
})

describe('a report over the newest backups', () => {
  it('says for each whether it passed', async () => {
    const { plugin, full, incremental, spoil } = await withBackup(true)
    for (const level of ['quick', 'stored', 'full', 'restore'] as const)
      expect(await plugin.validateBackups({ level })).toMatchObject({ level, totalBackups: 2, passed: 2 })
    expect(await plugin.validateBackups({ limit: 1 })).toMatchObject({
      validations: [{ backupId: incremental.id, overall: 'pass', problems: [] }],
    })
    await spoil()
    const report = await plugin.validateBackups()
    // The incremental backup cannot be restored either: it builds on the damaged one.
    expect(report).toMatchObject({ totalBackups: 2, passed: 0, failed: 2, errors: 0 })
    const problems = [expect.stringMatching(new RegExp(`${full.id}.* is damaged`))]
    expect(report.validations).toMatchObject([
      { backupId: incremental.id, overall: 'fail', problems },
      { backupId: full.id, overall: 'fail', problems },
    ])
  })
})

it('the intact records of a damaged backup are salvaged', async () => {
  const { plugin, full, spoil } = await withBackup(true)
  const kinds = async () => {
    const found = []
    for await (const one of plugin.salvage(full.id))
      found.push(one.type === 'doubt' ? one.type : `${one.type} ${one.holds}`)
    return found
  }
  expect(await kinds()).toEqual(['records rows'])
  await spoil()
  expect(await kinds()).toContain('lost rows')
})

it('intact records are written into another database, next to its own', async () => {
  const { plugin, full, spoil } = await withBackup(false)
  const target = await filled(0)
  await target.resources.users?.insert({ id: 'u1', name: 'kept', n: -1 })
  const sound = await plugin.salvageInto(full.id, { target: target as never })
  expect(sound).toMatchObject({
    lost: [],
    internal: {},
    resources: { users: { restored: 4, skipped: 1, failed: [] } },
  })
  expect(await target.resources.users?.get('u1')).toMatchObject({ name: 'kept' })
  expect(await target.resources.users?.get('u4')).toMatchObject({ name: 'Zoë 4', n: 4 })
  await spoil()
  const another = await filled(0)
  const damaged = await plugin.salvageInto(full.id, { target: another as never })
  // Lines of the damaged part that the key index proves are recovered.
  expect(damaged.lost).toMatchObject([{ resource: 'users', holds: 'rows', lines: { first: 2, last: 2 } }])
  expect(damaged.resources.users?.restored).toBe(4)
})

describe('a report that cannot be stored', () => {
  it('is part of the error, signed, with its findings', async () => {
    const { plugin, full, path, spoil } = await withBackup(false)
    await spoil()
    writeFileSync(join(path, 'reports'), 'in the way')
    const error = await failure(() => plugin.drills.run(full.id, { storeReport: true }))
    const report = error.metadata.report
    expect(report).toMatchObject({ id: full.id, ok: false, problems: [{ code: 'corrupt' }] })
    expect(verifyDrillReport(JSON.parse(JSON.stringify(report)))).toMatchObject({ ok: true })
  })
})

it('a verification is rejected as a drill before it reads anything', async () => {
  const { plugin, full } = await withBackup(false)
  expect(await failure(() => plugin.verify(full.id, { level: 'restore' } as never))).toMatchObject({
    code: 'invalid_options',
    operation: 'verify',
  })
})
