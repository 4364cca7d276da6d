import { backup, isBackupError, records } from '@s3db-backup/core'
import { Database } from 's3db.js'
import { describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { address, open, openNew, ours, plugin } from './plugins.js'

const s3 = await s3Server()
const options = { logLevel: 'silent', exitOnSignal: false } as const

async function filled(place: 'memory' | 'file' = 'memory') {
  const source = await openNew(place)
  const users = await source.createResource({
    name: 'users',
    attributes: { name: 'string', region: 'string|optional' },
    timestamps: true,
    asyncPartitions: false,
    partitions: { byRegion: { fields: { region: 'string' } } },
  })
  for (const id of ['a', 'b', 'c'])
    await users.insert({ id, name: `name ${id}`, region: id === 'c' ? 'EU' : 'US' })
  const orders = await source.createResource({ name: 'orders', attributes: { n: 'number' } })
  for (const n of [1, 2]) await orders.insert({ id: `o${n}`, n })
  return source
}

async function userNames(database: Database, resource = 'users'): Promise<Record<string, string>> {
  const users = database.resources[resource]!
  const ids = (await users.listIds()).sort()
  return Object.fromEntries(await Promise.all(ids.map(async (id) => [id, (await users.get(id)).name])))
}

/** The failure of a call that has to fail. */
async function failure(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isBackupError(error)) throw new Error(`not a BackupError: ${String(error)}`, { cause: error })
  return error
}

async function installed(database: Database, source?: Database) {
  const made = plugin()
  await (source ?? database).usePlugin(made.plugin as never, 'backup')
  const { id } = await made.plugin.backup()
  return { ...made, id }
}

const none = { restored: 0, replaced: 0, skipped: 0, removed: 0, failed: [] }

describe('a backup that cannot be used here', () => {
  it.each(['memory', 'file', 's3'] as const)('leaves no empty database behind (%s)', async (place) => {
    const own = new Database({ ...options, ...onS3, connectionString: address('memory') })
    await own.connect()
    const { plugin: made, driver } = plugin()
    await own.usePlugin(made as never, 'backup')
    const source = records({ foreign: { records: [{ id: 'a', n: 1 }] } })
    const { id } = await backup({ source, driver })
    const target = place === 's3' ? s3.address('refused') : address(place)
    expect(await failure(made.restore(id, { target }))).toMatchObject({ code: 'unsupported' })
    const looking = new Database({ ...options, ...onS3, connectionString: target })
    await looking.ensureClientInitialized()
    expect(await looking.client.getAllKeys({})).toEqual([])
    await own.disconnect()
  })

  it('does not change an existing database', async () => {
    const own = await openNew()
    const { plugin: made, driver } = plugin()
    await own.usePlugin(made as never, 'backup')
    const { id } = await backup({
      source: records({ foreign: { records: [{ id: 'a', n: 1 }] } }),
      driver,
    })
    const target = address('file')
    await (await open(target)).disconnect()
    expect(await failure(made.restore(id, { target }))).toMatchObject({ code: 'unsupported' })
    const looking = new Database({ ...options, connectionString: target })
    await looking.ensureClientInitialized()
    expect(await looking.client.getAllKeys({})).toEqual(['s3db.json'])
  })
})

describe('a dry run', () => {
  it.each(['memory', 'file'] as const)('does not create a missing target (%s)', async (place) => {
    const source = await filled()
    const made = await installed(source)
    const target = address(place)
    const { resources, dryRun } = await made.plugin.restore(made.id, { target, dryRun: true })
    expect(dryRun).toBe(true)
    expect(resources.users).toEqual({ ...none, restored: 3 })
    const looking = new Database({
      connectionString: target,
      logLevel: 'silent',
    })
    await looking.ensureClientInitialized()
    expect(await looking.client.getAllKeys({})).toEqual([])
    expect((await made.plugin.restore(made.id, { target })).resources).toEqual(resources)
  })

  it('counts what an existing target has', async () => {
    const source = await filled()
    const made = await installed(source)
    const there = address('file')
    await made.plugin.restore(made.id, { target: there, ids: ['a'] })
    const { resources } = await made.plugin.restore(made.id, { target: there, dryRun: true })
    expect(resources.users).toEqual({ ...none, restored: 2, skipped: 1 })
  })
})

it('selected partitions are restored without the others', async () => {
  const source = await filled()
  const made = await installed(source)
  const target = address('file')
  const options = { target, resources: ['users'], partitions: { byRegion: ['US'] } }
  expect((await made.plugin.restore(made.id, options)).resources.users).toEqual({ ...none, restored: 2 })
  expect(await userNames(await open(target))).toEqual({ a: 'name a', b: 'name b' })
  expect(
    await failure(made.plugin.restore(made.id, { ...options, partitions: { byRegoin: ['US'] } })),
  ).toMatchObject({ code: 'invalid_options', operation: 'restore' })
})

describe('a target', () => {
  it('can be a database, a connection string or the name of a sibling; so can destination', async () => {
    const source = await filled('file')
    const made = await installed(source)
    const database = await openNew()
    await made.plugin.restore(made.id, { target: ours(database) })
    expect(await userNames(database)).toEqual(await userNames(source))

    const there = address('memory')
    await made.plugin.restore(made.id, { destination: there })
    expect(await userNames(await open(there))).toEqual(await userNames(source))

    await made.plugin.restore(made.id, { target: 'staging' })
    const own = String(Reflect.get(ours(source).client.config, 'basePath'))
    const sibling = await open(`file://${own.replace(/[^/]+$/, 'staging')}`)
    expect(await userNames(sibling)).toEqual(await userNames(source))
  })

  it('with a wrong name, or that cannot be opened, is reported without its credentials', async () => {
    class Choosy extends Database {
      override async connect() {
        const there = this.databaseOptions.connectionString ?? ''
        if (there.includes('unreachable')) throw new Error(`no way to ${there}`)
        return super.connect()
      }
    }
    const own = new Choosy({ connectionString: address('memory'), logLevel: 'silent', exitOnSignal: false })
    await own.connect()
    const made = await installed(own)
    expect(await failure(made.plugin.restore(made.id, { target: '../elsewhere' }))).toMatchObject({
      code: 'invalid_options',
      operation: 'restore',
    })
    const error = await failure(made.plugin.restore(made.id, { target: 's3://key:hunter2@unreachable/x' }))
    expect(error).toMatchObject({ code: 'unavailable', operation: 'restore' })
    expect(`${error.message} ${JSON.stringify(error.metadata)}`).not.toContain('hunter2')
    await own.disconnect()
  })

  it.each([
    'ftp://key:hunter2@host/x',
    's3://',
    'file://',
    'http://not a host/x',
    's3://key:hun/ter2@bucket',
  ])('with an address that is none is refused before anything is read: %s', async (target) => {
    const source = await openNew()
    const made = await installed(source)
    const error = await failure(made.plugin.restore(made.id, { target }))
    expect(error).toMatchObject({ code: 'invalid_options', suggestion: expect.stringContaining('file://./') })
    expect(`${error.message} ${error.suggestion}`).not.toMatch(/hunter2|hun\/ter2/)
  })

  it('whose client is not installed is reported as such', async () => {
    const made = await installed(await openNew())
    const error = await failure(made.plugin.restore(made.id, { target: 'reddb://host/x' }))
    expect(error).toMatchObject({ code: 'unavailable', operation: 'restore' })
  })
})
