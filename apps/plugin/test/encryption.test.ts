import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { EncryptionConfig } from '@s3db-backup/encryption'
import type { Database } from 's3db.js'
import { describe, expect, it } from 'vitest'
import { BackupPlugin } from '../src/index.js'
import { connected, failure, filled, install, scratch } from './scene.js'

const passphrase = 'a passphrase nobody should ever see'
const salt = 'a salt nobody should ever see'
const documented = {
  algorithm: 'AES-256-GCM',
  key: passphrase,
  keyDerivation: { algorithm: 'PBKDF2', iterations: 100_000, salt },
} as const
const rawKey = randomBytes(32).toString('hex')
const otherKey = `hex:${randomBytes(32).toString('hex')}`
const raw = { algorithm: 'AES-256-GCM', key: `hex:${rawKey}` } as const

async function withPlugin(encryption: EncryptionConfig = raw, database?: Database, path = scratch()) {
  const db = database ?? (await filled())
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path }, encryption: { ...encryption } })
  await install(db, plugin)
  return { db, plugin, path }
}

/** Everything below a directory: names and bytes. */
function everything(path: string): string {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const file = join(entry.parentPath, entry.name)
      return `${file}\n${entry.isFile() ? readFileSync(file).toString('latin1') : ''}`
    })
    .join('\n')
}

describe('a plugin with the documented encryption', () => {
  it('stores nothing readable without the key, and restores everything with it', async () => {
    const { plugin, path } = await withPlugin(documented)
    const { id, encrypted, resources } = await plugin.backup('full')
    expect({ encrypted, resources }).toEqual({ encrypted: true, resources: ['users'] })
    expect(everything(path)).not.toMatch(/users|Zoë|attributes/)
    const into = await connected()
    expect(await plugin.restore(id, { target: into as never })).toMatchObject({ restored: ['users'] })
    expect((await into.resources.users?.get('u1'))?.name).toBe('Zoë 1')
    expect(await plugin.verify(id)).toMatchObject({ ok: true, records: 3 })
  })

  it('makes incremental backups, compares and consolidates them', async () => {
    const { db, plugin } = await withPlugin()
    const first = await plugin.backup('full')
    await db.resources.users?.insert({ id: 'u9', name: 'Ann', n: 9 })
    const second = await plugin.backup('incremental')
    expect(second).toMatchObject({ parent: first.id, records: 1, encrypted: true })
    const changes = []
    for await (const { id, change } of plugin.diff(first.id, second.id)) changes.push([id, change])
    expect(changes).toEqual([['u9', 'added']])
    expect(await plugin.consolidate(second.id)).toMatchObject({ records: 4, encrypted: true })
  })

  it('shows only its readable half without the key', async () => {
    const { plugin, path } = await withPlugin()
    const { id, checksum, compressed } = await plugin.backup('full')
    const blind = new BackupPlugin({ driver: 'filesystem', config: { path }, retention: { keepLast: 1 } })
    const seen = { id, status: 'completed', encrypted: true, checksum, compressed }
    expect(await blind.listBackups()).toMatchObject([seen])
    expect(await blind.getBackupStatus(id)).toMatchObject({ ...seen, resources: null })
    expect(await plugin.getBackupStatus(id)).toMatchObject({ ...seen, resources: ['users'], records: 3 })
    expect(await blind.verify(id, { level: 'stored' })).toMatchObject({ ok: true })
    expect(await failure(() => blind.verify(id))).toMatchObject({ code: 'undecryptable' })
    expect(await blind.cleanupBackups()).toMatchObject({ count: 0 })
    expect(await blind.deleteBackup(id)).toMatchObject({ id })
  })

  it('refuses a backup that is not encrypted unless that is allowed', async () => {
    const path = scratch()
    const db = await filled()
    const plain = new BackupPlugin({ driver: 'filesystem', config: { path }, database: db as never })
    const { id, encrypted } = await plain.backup('full')
    expect(encrypted).toBe(false)
    const { plugin } = await withPlugin(raw, db, path)
    expect(await failure(() => plugin.restore(id))).toMatchObject({ code: 'conflict' })
    expect(await failure(() => plugin.verify(id))).toMatchObject({ code: 'conflict' })
    expect(await plugin.restore(id, { allowPlain: true })).toMatchObject({ restored: ['users'] })
    expect(await plugin.verify(id, { allowPlain: true })).toMatchObject({ ok: true })
    expect(await plugin.backup('incremental', { fullIfNeeded: true })).toMatchObject({ parent: null })
  })

  it('changes the key of a backup: the new one opens it, the old one no longer', async () => {
    const { db, plugin, path } = await withPlugin()
    const { id } = await plugin.backup('full')
    const next = { algorithm: 'AES-256-GCM', key: otherKey } as const
    expect(await plugin.rotateKey(id, next)).toMatchObject({ file: 'keys.2.json' })
    const renewed = (await withPlugin(next, db, path)).plugin
    expect(await renewed.verify(id)).toMatchObject({ ok: true })
    expect(await renewed.restore(id)).toMatchObject({ restored: ['users'] })
    const into = await connected()
    expect(await failure(() => plugin.restore(id, { target: into as never }))).toMatchObject({
      code: 'undecryptable',
    })
    expect(Object.keys(into.resources)).toEqual([])
  })
})

describe('a key that is added', () => {
  it('opens the backup like the one before, until that is removed', async () => {
    const { db, plugin, path } = await withPlugin()
    const { id } = await plugin.backup('full')
    const next = { algorithm: 'AES-256-GCM', key: otherKey } as const
    await plugin.rotateKey(id, next, { keepOld: true })
    // Repeating it changes nothing: no recipient is listed twice.
    await plugin.rotateKey(id, next, { keepOld: true })
    const renewed = (await withPlugin(next, db, path)).plugin
    for (const each of [plugin, renewed]) expect(await each.verify(id)).toMatchObject({ ok: true })
    await renewed.rotateKey(id, next, { removeOld: true })
    expect(await renewed.verify(id)).toMatchObject({ ok: true })
    expect(await failure(() => plugin.verify(id))).toMatchObject({ code: 'undecryptable' })
  })
})

describe('a plugin that cannot encrypt', () => {
  it.each([
    ['no key', { algorithm: 'AES-256-GCM' }, /requires both key and algorithm/],
    ['an empty key', { algorithm: 'AES-256-GCM', key: '' }, /requires both key and algorithm/],
    ['no algorithm', { key: passphrase }, /requires both key and algorithm/],
    ['nothing', {}, /requires both key and algorithm/],
    ['a weak passphrase', { algorithm: 'AES-256-GCM', key: 'passphrase:short' }, /passphrase/],
  ])('is not made: %s', (_, encryption, message) => {
    const options: unknown = { driver: 'filesystem', config: { path: scratch() }, encryption }
    const make = () => Reflect.construct(BackupPlugin, [options])
    expect(make).toThrow(
      expect.objectContaining({ code: 'invalid_options', message: expect.stringMatching(message) }),
    )
  })
})

it('nothing written, returned, sent or logged shows a key', async () => {
  const printed: unknown[] = []
  const log = { level: 'trace' as const }
  const logger = Object.fromEntries(
    ['debug', 'info', 'warn', 'error'].map((name) => [name, (...given: unknown[]) => printed.push(given)]),
  )
  const { db, path } = await withPlugin()
  const encryption = { ...documented, recipients: [{ key: raw.key }] }
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path }, encryption, logLevel: log.level })
  Reflect.set(plugin, 'logger', logger)
  const names = [
    'start',
    'progress',
    'complete',
    'error',
    'restore-start',
    'restore-complete',
    'restore-error',
  ] as const
  for (const name of names) plugin.on(`plg:backup:${name}`, (payload: unknown) => printed.push(payload))
  await install(db, plugin, 'noisy')

  const { id } = await plugin.backup('full')
  const other = new BackupPlugin({
    driver: 'filesystem',
    config: { path },
    encryption: { algorithm: 'AES-256-GCM', key: otherKey },
  })
  printed.push(
    plugin,
    plugin.config,
    plugin.driver.getStorageInfo(),
    await plugin.getBackupStatus(id),
    await plugin.describe(id),
    await plugin.listBackups(),
    await plugin.verify(id),
    await plugin.restore(id),
    await plugin.rotateKey(id, { ...raw }),
    await failure(() => other.restore(id, { target: db as never })),
    await failure(() => new BackupPlugin({ encryption: { ...documented, key: `base64:${passphrase}` } })),
    // @ts-expect-error there is no such algorithm
    await failure(() => new BackupPlugin({ encryption: { ...documented, algorithm: passphrase } })),
    everything(path),
  )
  expect(printed.length).toBeGreaterThan(15)
  const key = Buffer.from(rawKey, 'hex')
  const text = printed
    .flatMap((one) => [
      inspect(one, { depth: 20, showHidden: true, maxArrayLength: null, maxStringLength: null }),
      typeof one === 'string' ? one : '',
    ])
    .join('\n')
  const secrets = [
    passphrase,
    salt,
    'nobody should ever see',
    rawKey,
    key.toString('base64'),
    key.toString('latin1'),
  ]
  expect(inspect({ documented, raw })).toContain(passphrase)
  for (const secret of secrets) expect(text.includes(secret)).toBe(false)
})
