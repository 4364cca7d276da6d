import { backup, openCatalog } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { AuditPlugin, type Database, S3QueuePlugin } from 's3db.js'
import { describe, expect, test } from 'vitest'
import { databaseSource } from '../src/index.js'
import { transientKinds } from '../src/listing/transient.js'
import { backUp, openNew, ours, restoreInto, stored } from './databases.js'

/** s3db.js's own types do not let all of its own plugins in. */
const install = (database: Database, plugin: object, name?: string): Promise<unknown> =>
  Reflect.apply(database.usePlugin, database, [plugin, name])

type Storage = ReturnType<AuditPlugin['getStorage']>

function storageIn(storage: Storage): Extract<Storage, { acquireLock: unknown }> {
  if (!('acquireLock' in storage)) throw new Error('its data is not in the database')
  return storage
}

const quiet = { logLevel: 'silent' } as const

describe('with the queue plugin of s3db.js installed', () => {
  test('a backup has a resource with two names once', async () => {
    const database = await openNew()
    const tasks = await database.createResource({ name: 'tasks', attributes: { what: 'string' } })
    await install(
      database,
      new S3QueuePlugin({ ...quiet, resource: 'tasks', autoStart: false, onMessage: async () => undefined }),
    )
    await Reflect.get(tasks, 'enqueue').call(tasks, { what: 'mail' })
    const names = Object.values(database.resources).map(({ name }) => name)
    expect(new Set(names).size).toBeLessThan(names.length)

    const made = await backUp(database)
    expect(made.manifest.status).toBe('completed')
    expect(Object.keys(made.manifest.resources).toSorted()).toEqual([...new Set(names)].toSorted())
    const back = await openNew()
    await restoreInto(back, made)
    expect(await stored(back, 'resource=tasks/data/')).toEqual(await stored(database, 'resource=tasks/data/'))
  })
})

/** A database with an object of each kind that is never backed up, and with some that merely look so. */
const lookalikes = [
  'plugin=audit/report/lock',
  'plugin=audit/locksmiths/list',
  'plugin=audit/cache',
  'plugin=cache-warmer/plan',
  'plugin=coordinator/namespace=default/notes.json',
  'resource=users/plugin=audit/state.json',
  'resource=users/plugin=audit/workers/w1',
  'resource=users/sequence=id/value',
]

const transientKeys = transientKinds
  .flatMap(({ keys }) => keys)
  .map((key) => key.replace('resource=<name>', 'resource=users').replaceAll(/<(\w+)>/g, 'some-$1'))

const put = (database: Database, key: string, value: string) =>
  database.client.putObject({
    key,
    metadata: {},
    body: JSON.stringify({ value }),
    contentType: 'application/json',
  })

describe('locks, leases and caches of plugins', () => {
  test('are never backed up, and objects that only look like them are', async () => {
    const database = await openNew()
    const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
    for (const id of ['lock', 'locks', 'state.json', 'plugin.cache']) await users.insert({ id, name: id })
    for (const key of [...transientKeys, ...lookalikes]) await put(database, key, 'x')
    const made = await backUp(database)
    const back = await openNew()
    await restoreInto(back, made)
    const found = [...(await stored(back)).keys()]
    expect(transientKeys.length).toBeGreaterThan(8)
    expect(found.filter((key) => transientKeys.includes(key))).toEqual([])
    expect(found).toEqual(expect.arrayContaining(lookalikes))
    expect(found).toEqual(
      expect.arrayContaining(['resource=users/data/id=lock', 'resource=users/data/id=locks']),
    )
  })

  test.each(['merge', 'replace'] as const)(
    'that others hold stay unchanged in a restore that overwrites (%s)',
    async (mode) => {
      const database = await openNew()
      await (await database.createResource({ name: 'users', attributes: { name: 'string' } })).insert({
        id: 'a',
        name: 'A',
      })
      const audit = new AuditPlugin(quiet)
      await install(database, audit, 'audit')
      const storage = storageIn(audit.getStorage())
      await storage.set(storage.getPluginKey(null, 'cursor'), { at: 'yesterday' })
      await storage.acquireLock('nightly-job', { ttl: 600, workerId: 'yesterday' })
      const made = await backUp(database)
      await database.client.deleteObject('plugin=audit/locks/nightly-job')
      await storage.set(storage.getPluginKey(null, 'cursor'), { at: 'today' })
      const lock = await storage.acquireLock('nightly-job', { ttl: 600, workerId: 'today' })
      expect(lock).toBeTruthy()
      await restoreInto(database, made, { mode })
      expect(await storage.get(storage.getPluginKey(null, 'cursor'))).toMatchObject({ at: 'yesterday' })
      const second = await storage.acquireLock('nightly-job', { ttl: 5, timeout: 100, workerId: 'second' })
      expect(second).toBeNull()
    },
  )
})

describe('data of plugins', () => {
  const keys = [
    'plugin=audit/cursor',
    'plugin=fulltext/index/1',
    'resource=users/plugin=audit/log',
    'resource=users/sequence=id/value',
  ]

  async function database() {
    const made = await openNew()
    const users = await made.createResource({ name: 'users', attributes: { name: 'string' } })
    await users.insert({ id: 'a', name: 'A' })
    for (const key of keys) await put(made, key, '7')
    return made
  }

  const objectsIn = async (back: Database) =>
    [...(await stored(back)).keys()].filter((key) => keys.includes(key))

  test('a name that no object has is refused, in a backup and in a restore, and :objects may be none', async () => {
    const source = await database()
    const whole = await backUp(source)
    const selection = { resources: ['plugin=adit', 'sequence=x*'] }
    const refused = {
      code: 'not_found',
      message: 'There is no object that "plugin=adit, sequence=x*" names',
    }
    const { driver } = whole
    const making = backup({ source: databaseSource(ours(source)), driver, ...selection })
    await expect(making).rejects.toMatchObject(refused)
    await expect(restoreInto(await openNew(), whole, selection)).rejects.toMatchObject(refused)
    expect((await openCatalog(driver).list()).backups).toHaveLength(1)
    const empty = databaseSource(ours(await openNew()))
    expect(await backup({ source: empty, driver, resources: [':objects'] })).toMatchObject({ records: 0 })
  })

  test.each([
    [{ exclude: ['plugin=audit'] }, ['plugin=fulltext/index/1', 'resource=users/sequence=id/value']],
    [{ exclude: ['plugin=*'] }, ['resource=users/sequence=id/value']],
    [{ exclude: ['plugin=a*', 'sequence=*'] }, ['plugin=fulltext/index/1']],
    [{ exclude: [':objects'] }, ['resource=users/plugin=audit/log', 'resource=users/sequence=id/value']],
    [{ resources: ['users'] }, ['resource=users/plugin=audit/log', 'resource=users/sequence=id/value']],
    [{ resources: ['plugin=audit'] }, ['plugin=audit/cursor']],
    [{ resources: ['users', 'plugin=*'] }, keys],
    [{ exclude: ['audit'] }, keys],
  ])('can be selected by name, in a backup and in a restore: %j', async (selection, expected) => {
    const source = await database()
    const driver = memory()
    const some = await backup({ source: databaseSource(ours(source)), driver, ...selection })
    const fromSome = await openNew()
    await restoreInto(fromSome, { driver, id: some.id })
    expect((await objectsIn(fromSome)).toSorted()).toEqual(expected.toSorted())

    const whole = await backUp(source)
    const fromWhole = await openNew()
    const { internal } = await restoreInto(fromWhole, whole, selection)
    expect((await objectsIn(fromWhole)).toSorted()).toEqual(expected.toSorted())
    const restored = Object.values(internal).reduce((sum, report) => sum + report.restored, 0)
    expect(restored).toBe(expected.length)
  })

  test('that are left out stay out of the incremental backups of the series', async () => {
    const source = await database()
    const driver = memory()
    const selection = { exclude: ['plugin=audit'] }
    await backup({ source: databaseSource(ours(source)), driver, ...selection })
    await put(source, 'plugin=audit/cursor', '8')
    await put(source, 'plugin=fulltext/index/2', '8')
    const { id } = await backup({
      source: databaseSource(ours(source)),
      driver,
      ...selection,
      type: 'incremental',
      incremental: {},
    })
    const back = await openNew()
    await restoreInto(back, { driver, id })
    const found = [...(await stored(back)).keys()].filter((key) => key.includes('plugin='))
    expect(found).toEqual(['plugin=fulltext/index/1', 'plugin=fulltext/index/2'])
  })
})
