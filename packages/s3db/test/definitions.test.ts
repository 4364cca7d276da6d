import { backup, isBackupError, type Source } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import type { Database } from 's3db.js'
import { describe, expect, test } from 'vitest'
import { databaseSource } from '../src/index.js'
import { address, backUp, got, open, openNew, ours, type Place, restoreInto } from './databases.js'

/** Two connections to one database, as of two processes; the second one is told after the first has connected. */
async function twoConnections(place: Place) {
  const connection = address(place)
  const one = await open(connection)
  const users = await one.createResource({ name: 'users', attributes: { name: 'string|required' } })
  await users.insert({ id: 'ada', name: 'Ada' })
  return { one, two: await open(connection) }
}

describe.each(['memory', 'file'] as const)('a long-lived process with its database in %s', (place) => {
  test('backs up a resource that another process created since it connected', async () => {
    const { one, two } = await twoConnections(place)
    const orders = await two.createResource({ name: 'orders', attributes: { total: 'number' } })
    await orders.insert({ id: 'o1', total: 1 })
    const { manifest } = await backUp(one)
    expect(manifest.status).toBe('completed')
    expect(Object.keys(manifest.resources)).toEqual(['users', 'orders'])
    expect(manifest.resources.orders).toMatchObject({ recordCount: 1, attributes: { total: 'number' } })
  })

  test('backs up an attribute that another process added, under its name', async () => {
    const { one, two } = await twoConnections(place)
    const users = await two.createResource({
      name: 'users',
      attributes: { name: 'string|required', email: 'string|optional' },
    })
    await users.insert({ id: 'bob', name: 'Bob', email: 'bob@example.com' })
    const made = await backUp(one)
    expect(made.manifest.resources.users).toMatchObject({ attributes: { email: 'string|optional' } })
    const back = await openNew()
    await restoreInto(back, made)
    const restored = back.resources.users
    if (restored === undefined) throw new Error('not restored')
    expect(await got(restored, 'bob')).toMatchObject({ name: 'Bob', email: 'bob@example.com' })
    expect(await got(restored, 'ada')).toMatchObject({ name: 'Ada' })
  })

  test('backs up a changed resource completely in the next incremental backup', async () => {
    const { one, two } = await twoConnections(place)
    const { driver } = await backUp(one)
    await two.createResource({
      name: 'users',
      attributes: { name: 'string|required', age: 'number|optional' },
    })
    const { manifest } = await backup({
      source: databaseSource(ours(one)),
      driver,
      type: 'incremental',
      incremental: {},
    })
    expect(manifest.resources.users).toMatchObject({ whole: true, recordCount: 1 })
  })

  test('changes nothing of its own connection, and nothing in the storage', async () => {
    const { one, two } = await twoConnections(place)
    await two.createResource({ name: 'orders', attributes: { total: 'number' } })
    const before = await one.client.getObject('s3db.json').then(({ Body }) => Body?.transformToString?.())
    const listeners = process.listenerCount('exit')
    await backUp(one)
    expect(await one.client.getObject('s3db.json').then(({ Body }) => Body?.transformToString?.())).toBe(
      before,
    )
    expect(Object.keys(one.resources)).toEqual(['users'])
    expect(process.listenerCount('exit')).toBe(listeners)
  })

  test.each([
    [
      'a behavior beside an impossible attribute',
      { behavior: 'body-only', attributes: { name: 'nonsense' } },
    ],
    ['timestamps beside an impossible attribute', { timestamps: true, attributes: { name: 'nonsense' } }],
    [
      'a partition by nothing',
      { attributes: { name: 'string' }, partitions: { by: { fields: { no: 'string' } } } },
    ],
  ] as const)('a definition that s3db.js refused is in no backup: %s', async (_, refused) => {
    const { one, two } = await twoConnections(place)
    await expect(one.createResource({ name: 'users', ...refused })).rejects.toThrow()
    expect(definitionsIn(await backUp(one))).toEqual(definitionsIn(await backUp(two)))
  })

  test('a definition that is not written yet is in no backup', async () => {
    const { one, two } = await twoConnections(place)
    one.deferMetadataWrites = true
    one.metadataWriteDelay = 600_000
    const attributes = { email: 'string|optional', name: 'string|optional' }
    await one.createResource({ name: 'users', attributes, behavior: 'body-only' })
    expect(definitionsIn(await backUp(one))).toEqual(definitionsIn(await backUp(two)))
    await one.flushMetadata()
    expect(definitionsIn(await backUp(one))).toEqual(definitionsIn(await backUp(two)))
  })

  test('a resource that is created while the backup runs is in it', async () => {
    const { one, two } = await twoConnections(place)
    const source = whileReading(one, async () => {
      await (await two.createResource({ name: 'orders', attributes: { total: 'number' } })).insert({
        id: 'o1',
        total: 1,
      })
    })
    const { manifest } = await backup({ source, driver: memory() })
    expect(manifest.resources.orders).toMatchObject({ recordCount: 1 })
  })

  test('a definition that changes while the backup runs makes it incomplete, naming the resource', async () => {
    const { one, two } = await twoConnections(place)
    const source = whileReading(one, async () => {
      await two.createResource({
        name: 'users',
        attributes: { name: 'string|required', age: 'number|optional' },
      })
    })
    const failure = await backup({ source, driver: memory() }).catch((error: unknown) => error)
    if (!isBackupError(failure, 'incomplete')) throw failure
    expect(failure.metadata.lostWithoutId).toMatchObject({
      users: [{ reason: expect.stringContaining('definition of the resource changed'), count: null }],
    })
  })

  test('missing definitions are not an empty database', async () => {
    const { one } = await twoConnections(place)
    await one.client.deleteObject('s3db.json')
    await expect(backUp(one)).rejects.toMatchObject({ code: 'unavailable', message: /s3db\.json/ })
    await one.client.putObject({ key: 's3db.json', body: '{"resources":', metadata: {} })
    await expect(backUp(one)).rejects.toMatchObject({ code: 'corrupt', message: /s3db\.json/ })
  })
})

/** What a backup says of `users`, but for what s3db.js writes as it happens to be. */
function definitionsIn({ manifest }: Awaited<ReturnType<typeof backUp>>): unknown {
  const { attributes, partitions, timestamps, definition } = manifest.resources.users ?? {}
  return { attributes, partitions, timestamps, definition }
}

/** The database as a source, and what happens once while `users` is read. */
function whileReading(database: Database, happens: () => Promise<void>): Source {
  const source = databaseSource(ours(database))
  let happened = false
  return {
    ...source,
    async *read(name, how) {
      for await (const batch of source.read(name, how)) {
        if (name === 'users' && !happened) {
          happened = true
          await happens()
        }
        yield batch
      }
    },
  }
}
