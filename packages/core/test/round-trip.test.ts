import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BackupEvent,
  backup,
  brotli,
  deflate,
  gzip,
  openCatalog,
  restore,
  verify,
  zstd,
} from '../src/index.js'
import type { JsonValue } from '../src/json.js'
import type { Batch, Row, Source } from '../src/ports/source.js'
import { contentsOf, info, memoryTarget, people, sourceOf } from './database.js'
import { leftIn, memoryDriver } from './memory-driver.js'

const naughtyNames = ['s3db', 'users.raw', 'a/b', '..', 'con', '😀', 'x'.repeat(300), 'Users', ' ', '%2e']

describe('a backup', () => {
  it('restores record by record, whatever the records contain', async () => {
    const value = fc.jsonValue({ maxDepth: 2 })
    const records = fc.uniqueArray(
      fc.record({
        id: fc.string({ unit: 'grapheme', minLength: 1 }),
        value,
        ['__proto__']: value,
        text: fc.string({ unit: 'binary' }),
      }),
      { selector: ({ id }) => id, maxLength: 30 },
    )
    const law = fc.asyncProperty(
      fc.dictionary(fc.constantFrom('users', 'orders', ...naughtyNames), records, { maxKeys: 5 }),
      fc.integer({ min: 1, max: 10 }),
      fc.constantFrom([], [gzip()], [zstd()], [brotli()], [deflate()], [gzip(), brotli()]),
      async (contents, batchSize, codecs) => {
        const driver = memoryDriver()
        const { id } = await backup({ source: sourceOf(contents, { batchSize }), driver, codecs })
        expect((await verify({ driver, id })).problems).toEqual([])
        const target = memoryTarget()
        await restore({ driver, id, target })
        expect(JSON.stringify(contentsOf(target))).toBe(JSON.stringify(contents))
      },
    )
    await fc.assert(law, { numRuns: 20 })
  })

  it('of a database without resources is a backup', async () => {
    const driver = memoryDriver()
    const { id, records, manifest } = await backup({ source: sourceOf({}), driver })
    expect({ records, parts: manifest.parts, resources: manifest.resources }).toEqual({
      records: 0,
      parts: [],
      resources: {},
    })
    expect(await verify({ driver, id })).toMatchObject({ ok: true, files: 0 })
    const target = memoryTarget()
    expect(await restore({ driver, id, target })).toMatchObject({ resources: {} })
    expect(target.finished).toBe(true)
  })

  it('of a resource without records has a file for it', async () => {
    const driver = memoryDriver()
    const { id, directory, manifest } = await backup({ source: sourceOf({ users: [] }), driver })
    expect(manifest.resources.users).toMatchObject({ recordCount: 0, exportFile: 'users.jsonl.gz' })
    expect([...driver.objects.keys()].sort()).toEqual([
      `${directory}/s3db.json`,
      `${directory}/started.json`,
      `${directory}/users.jsonl.gz`,
    ])
    const target = memoryTarget()
    await restore({ driver, id, target })
    expect(contentsOf(target)).toEqual({ users: [] })
  })

  it('keeps the raw form of records beside their rows', async () => {
    const raw = new Map<string, JsonValue>([
      ['b', { meta: { odd: '1' } }],
      ['c', null],
    ])
    const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }]
    const driver = memoryDriver()
    const { id } = await backup({ source: sourceOf({ users: rows }, { more: () => ({ raw }) }), driver })
    const target = memoryTarget()
    await restore({ driver, id, target })
    expect(target.raw.get('users')).toEqual(raw)
  })

  it('writes the documented fields', async () => {
    const driver = memoryDriver()
    const now = () => new Date('2024-03-15T14:30:45.123Z')
    const { id, manifest, bytes, manifestBytes } = await backup({
      source: sourceOf({ users: people(3) }),
      driver,
      now,
      metadata: { why: 'test' },
    })
    expect(id).toMatch(/^full-2024-03-15T14-30-45-[0-9a-z]{6}$/)
    const [part] = manifest.parts
    expect(JSON.parse(String(driver.objects.get(`${id}/s3db.json`)))).toMatchObject({
      version: '1.0',
      backupType: 'full',
      exportedAt: '2024-03-15T14:30:45.123Z',
      database: { bucket: 'test' },
      metadata: { why: 'test' },
      resources: {
        users: {
          name: 'users',
          attributes: { name: 'string' },
          partitions: {},
          timestamps: false,
          recordCount: 3,
          exportFile: 'users.jsonl.gz',
          compression: 'gzip',
          format: 'jsonl',
          bytesWritten: part!.bytes,
        },
      },
    })
    driver.objects.delete(`${id}/started.json`)
    const stored = [...driver.objects.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    expect(bytes).toBe(stored)
    expect(manifestBytes).toBe(driver.objects.get(`${id}/s3db.json`)!.byteLength)
  })

  it('is stored where its folder template says, by its own start in UTC', async () => {
    const driver = memoryDriver()
    const now = () => new Date('2024-12-31T23:59:59.999Z')
    const { id, directory } = await backup({
      source: sourceOf({}),
      driver,
      now,
      folder: '{year}/{month}/{day}/{type}/',
    })
    expect(directory).toBe(`2024/12/31/full/${id}`)
    expect((await openCatalog(driver).get(id)).directory).toBe(directory)
  })

  it('takes only what was selected', async () => {
    const contents = { users: people(1), cache_a: people(1), cache_b: people(1), orders: people(1) }
    const driver = memoryDriver()
    const { id } = await backup({ source: sourceOf(contents), driver, exclude: ['cache_*'] })
    const target = memoryTarget()
    await restore({ driver, id, target, resources: ['orders'] })
    expect(Object.keys(contentsOf(target))).toEqual(['orders'])
    await expect(restore({ driver, id, target, resources: ['cache_a'] })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('of many records is restored completely, split into parts as the storage needs', async () => {
    const rows = people(50_000)
    const driver = memoryDriver({ capabilities: { maxObjectBytes: 500_000 } })
    const { id, manifest } = await backup({
      source: sourceOf({ users: rows }, { batchSize: 5000 }),
      driver,
      codecs: [],
    })
    expect(manifest.parts.filter(({ holds }) => holds === 'rows').length).toBeGreaterThan(5)
    const target = memoryTarget()
    await restore({ driver, id, target })
    expect(target.rows.get('users')!.size).toBe(50_000)
    expect(JSON.stringify(contentsOf(target).users) === JSON.stringify(rows)).toBe(true)
  })

  it('reports what it does', async () => {
    const events: BackupEvent[] = []
    const driver = memoryDriver()
    const onEvent = (event: BackupEvent) => events.push(event)
    const { id, manifest } = await backup({ source: sourceOf({ users: people(15) }), driver, onEvent })
    expect(events).toMatchObject([
      { type: 'backup-start', id, resources: ['users'] },
      { type: 'backup-progress', id, resource: 'users', records: 10 },
      { type: 'backup-progress', id, resource: 'users', records: 15 },
      { type: 'backup-resource', id, resource: 'users', records: 15, lost: 0 },
      { type: 'backup-phase', id, phase: 'reading-back' },
      { type: 'backup-phase', id, phase: 'committing' },
      { type: 'backup-complete', id, manifest },
    ])
    events.length = 0
    await restore({ driver, id, target: memoryTarget(), onEvent })
    expect(events.map(({ type }) => type)).toEqual([
      'restore-start',
      'restore-progress',
      'restore-resource',
      'restore-complete',
    ])
  })
})

describe('records that could not be read', () => {
  const lost = [{ id: 'x', reason: 'AccessDenied' }]
  const source = sourceOf({ users: people(2) }, { more: () => ({ lost, vanished: 3 }) })

  it('make the backup fail by name, and it is kept', async () => {
    const driver = memoryDriver()
    const failure = await backup({ source, driver }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'incomplete', metadata: { lost: { users: lost } } })
    const { backups } = await openCatalog(driver).list()
    expect(backups.map(({ manifest }) => manifest.status)).toEqual(['incomplete'])
    expect(backups[0]!.manifest.resources.users).toMatchObject({ recordCount: 2, vanished: 3, lost })
    expect(failure).toMatchObject({ metadata: { backupId: backups[0]!.id } })
  })

  it('are not skipped by a restore unless that is allowed', async () => {
    const driver = memoryDriver()
    await backup({ source, driver }).catch(() => undefined)
    const id = (await openCatalog(driver).list()).backups[0]!.id
    const target = memoryTarget()
    await expect(restore({ driver, id, target })).rejects.toMatchObject({
      code: 'incomplete',
      metadata: { backupId: id, lost: { users: lost } },
    })
    expect(target.plans).toEqual([])
    await restore({ driver, id, target, allowIncomplete: true })
    expect(target.rows.get('users')!.size).toBe(2)
  })

  it('and exceed what the manifest names are counted by reason, and the rest is kept', async () => {
    const many = Array.from({ length: 25_000 }, (_, i) => ({
      id: `${i}`,
      reason: i % 2 ? 'AccessDenied' : 'torn',
    }))
    const driver = memoryDriver()
    const failing = sourceOf({ users: people(2) }, { more: () => ({ lost: many }) })
    const failure = await backup({ source: failing, driver }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'incomplete', message: expect.stringContaining('25000 records') })
    const { manifest } = (await openCatalog(driver).list()).backups[0]!
    expect(manifest.resources.users).toMatchObject({
      recordCount: 2,
      lostWithoutId: [
        { reason: 'torn', count: 7500 },
        { reason: 'AccessDenied', count: 7500 },
      ],
    })
    expect(manifest.resources.users!.lost).toHaveLength(10_000)
  })

  it('and have unknown ids are reported with the reason, and their number if it is known', async () => {
    const driver = memoryDriver()
    const lostWithoutId = [{ reason: 'page 7 of the listing cannot be read', count: null }]
    const failing = sourceOf({ users: people(2) }, { more: () => ({ lostWithoutId }) })
    await expect(backup({ source: failing, driver })).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringContaining('an unknown number of records'),
      metadata: { lostWithoutId: { users: lostWithoutId } },
    })
    const { id, manifest } = (await openCatalog(driver).list()).backups[0]!
    expect(manifest).toMatchObject({
      status: 'incomplete',
      resources: { users: { lost: [], lostWithoutId } },
    })
    await expect(restore({ driver, id, target: memoryTarget() })).rejects.toMatchObject({
      code: 'incomplete',
      metadata: { lostWithoutId: { users: lostWithoutId } },
    })
  })
})

describe('a source that breaks its contract is refused, and nothing is left:', () => {
  const rowsOf = (...rows: unknown[]) => sourceOf({ users: rows as Row[] })
  const describing = (...infos: unknown[]) => ({
    ...sourceOf({}),
    describe: async () => ({ database: {}, resources: infos as [] }),
  })

  it.each([
    ['a record twice', rowsOf({ id: 'a' }, { id: 'a' }), 'internal'],
    ['a record without an id', rowsOf({ name: 'x' }), 'unsupported'],
    ['an id that is a number', rowsOf({ id: 7 }), 'unsupported'],
    ['no record at all', rowsOf(null), 'unsupported'],
    ['a list', rowsOf(['id']), 'unsupported'],
    ['an inherited id', rowsOf(Object.create({ id: 'a' })), 'unsupported'],
    [
      'marks of other records',
      sourceOf({ users: people(1) }, { more: () => ({ marks: [{ id: 'z', modified: 0, hash: '' }] }) }),
      'internal',
    ],
    ['too few marks', sourceOf({ users: people(2) }, { more: () => ({ marks: [] }) }), 'internal'],
    [
      'raw forms without rows',
      sourceOf({ users: people(1) }, { more: () => ({ raw: new Map([['z', 1]]) }) }),
      'internal',
    ],
    ['two resources of one name', describing(info('users'), info('users')), 'unsupported'],
    ['a resource without a name', describing(info('')), 'unsupported'],
    ['a resource called __proto__', describing(info('__proto__')), 'unsupported'],
    ['a resource without attributes', describing({ name: 'users' }), 'unsupported'],
    [
      'a definition that is no JSON',
      describing(info('users', { definition: 1n as unknown as JsonValue })),
      'unsupported',
    ],
    [
      'an internal resource called like another',
      {
        ...sourceOf({}),
        describe: async () => ({
          database: {},
          resources: [info('users')],
          internal: [info('users', { of: null })],
        }),
      },
      'unsupported',
    ],
  ])('%s', async (_, source, code) => {
    const driver = memoryDriver()
    await expect(backup({ source, driver })).rejects.toMatchObject({ name: 'BackupError', code })
    expect(leftIn(driver)).toEqual([])
  })
})

/** Node 24 cannot write a value of such a depth as JSON; Node 26 can. */
function hasDepthLimit(value: unknown): boolean {
  try {
    return JSON.stringify(value) === undefined
  } catch {
    return true
  }
}

describe('a record that cannot be stored is lost by name, and the others are kept:', () => {
  const cyclic: Record<string, unknown> = { id: 'b' }
  cyclic.self = cyclic
  const nested = (depth: number) => {
    let value: unknown = 1
    for (let i = 0; i < depth; i++) value = [value]
    return value
  }
  const with3 = (row: unknown, more: Partial<Batch> = {}) =>
    sourceOf({ users: [{ id: 'a' }, row as Row, { id: 'c' }], orders: people(3) }, { more: () => more })

  const deep = nested(100_000)
  const isLimited = hasDepthLimit(deep)
  const tooDeep = with3({ id: 'b', deep })
  const cases: readonly (readonly [string, Source, RegExp])[] = [
    ['a BigInt', with3({ id: 'b', size: 10n }), /BigInt/],
    ['a cycle', with3(cyclic), /circular/],
    ['what JSON cannot represent', with3({ id: 'b', toJSON: () => ({}) }), /cannot represent it/],
    ['nested deeper than JSON can go', tooDeep, /call stack/],
  ]

  it.each(cases.filter(([, source]) => source !== tooDeep || isLimited))('%s', async (_, source, reason) => {
    const driver = memoryDriver()
    await expect(backup({ source, driver })).rejects.toMatchObject({
      code: 'incomplete',
      metadata: { lost: { users: [{ id: 'b', reason: expect.stringMatching(reason) }] } },
    })
    const { id } = (await openCatalog(driver).list()).backups[0]!
    expect(await verify({ driver, id })).toMatchObject({ ok: true })
    const target = memoryTarget()
    await restore({ driver, id, target, allowIncomplete: true })
    expect(contentsOf(target)).toEqual({ users: [{ id: 'a' }, { id: 'c' }], orders: people(3) })
  })

  it.runIf(!isLimited)('is none for its depth where JSON has no limit: it is stored whole', async () => {
    const driver = memoryDriver()
    const { id, records } = await backup({ source: tooDeep, driver })
    expect(records).toBe(6)
    expect(await verify({ driver, id })).toMatchObject({ ok: true })
  })

  it('a raw form that cannot be stored, and a filter that fails for one record', async () => {
    const driver = memoryDriver()
    const raw = new Map<string, JsonValue>([
      ['a', 'exact'],
      ['b', 10n as unknown as JsonValue],
    ])
    const source: Source = {
      describe: async () => ({ database: {}, resources: [info('users')] }),
      async *read() {
        yield { rows: [{ id: 'a' }, { id: 'b' }, { id: 'c', odd: true }, { id: 'd' }], raw }
      },
    }
    const keep = (row: Row) => {
      if (row.odd === true) throw new TypeError('no region')
      return row.id !== 'd'
    }
    await expect(backup({ source, driver, filter: { label: 'some', keep } })).rejects.toMatchObject({
      metadata: {
        lost: {
          users: [
            { id: 'c', reason: 'the filter failed: no region' },
            { id: 'b', reason: expect.stringContaining('BigInt') },
          ],
        },
      },
    })
    const { id } = (await openCatalog(driver).list()).backups[0]!
    const target = memoryTarget()
    await restore({ driver, id, target, allowIncomplete: true })
    expect(contentsOf(target)).toEqual({ users: [{ id: 'a' }] })
    expect([...target.raw.get('users')!]).toEqual([['a', 'exact']])
  })
})

it('ids out of order are backed up, and the manifest says so', async () => {
  const driver = memoryDriver()
  const rows = [{ id: 'b' }, { id: 'a' }]
  const { id, manifest } = await backup({ source: sourceOf({ users: rows }), driver })
  expect(manifest.resources.users!.ordered).toBe(false)
  const target = memoryTarget()
  await restore({ driver, id, target })
  expect(contentsOf(target)).toEqual({ users: rows })
})

describe('a backup is refused before anything is read or written', () => {
  const source = { ...sourceOf({}), describe: () => Promise.reject(new Error('must not be read')) }

  it.each([
    ['an unknown option', { compresion: 'gzip' }, 'compresion'],
    ['a type that cannot be part of an id', { type: '../x' }, 'type'],
    ['an id that leads elsewhere', { id: '../x' }, 'id'],
    ['a folder that leads elsewhere', { folder: '../{date}' }, 'folder'],
    ['a folder with an empty segment', { folder: 'a//b' }, 'a//b'],
    ['a folder from the root', { folder: '/a' }, '/a'],
    ['a folder with an unknown variable', { folder: '{dat}' }, 'date'],
    ['no concurrency', { concurrency: 0 }, 'concurrency'],
    ['metadata that is no JSON', { metadata: { f: () => 1 } as never }, 'metadata'],
  ])('for %s', async (_, options, named) => {
    const driver = memoryDriver()
    const making = async () => backup({ source, driver, ...options })
    await expect(making()).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining(named),
    })
    expect(driver.steps).toEqual([])
  })

  it('if there is something in its directory', async () => {
    const driver = memoryDriver({ objects: [['mine/notes.txt', Buffer.alloc(1)]] })
    await expect(backup({ source, driver, id: 'mine' })).rejects.toMatchObject({ code: 'conflict' })
    expect([...driver.objects.keys()]).toEqual(['mine/notes.txt'])
  })
})
