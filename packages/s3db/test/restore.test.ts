import { backup, isBackupError, type Source } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import type { Database } from 's3db.js'
import { describe, expect, it } from 'vitest'
import { databaseSource } from '../src/index.js'
import { address, backUp, open, openNew, ours, restoreInto, stored } from './databases.js'

const userAttributes = { name: 'string', region: 'string|optional' }

async function filled(place: 'memory' | 'file' = 'memory') {
  const source = await openNew(place)
  const users = await source.createResource({
    name: 'users',
    attributes: userAttributes,
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

/** A database that holds `a` in another version and in another partition, and `x`, which the backup does not have. */
async function changed() {
  const database = await filled()
  const users = database.resources.users!
  await users.update('a', { name: 'changed', region: 'APAC' })
  for (const id of ['b', 'c']) await users.delete(id)
  await users.insert({ id: 'x', name: 'extra', region: 'US' })
  return database
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

const none = { restored: 0, replaced: 0, skipped: 0, removed: 0, failed: [] }

describe('existing records', () => {
  it('are kept and counted as skipped by default', async () => {
    const made = await backUp(await filled())
    const target = await changed()
    const { resources } = await restoreInto(target, made)
    expect(resources).toEqual({
      users: { ...none, restored: 2, skipped: 1 },
      orders: { ...none, skipped: 2 },
    })
    expect(await userNames(target)).toEqual({ a: 'changed', b: 'name b', c: 'name c', x: 'extra' })
  })

  it('are replaced with merge, and others are kept; their old partition references are removed', async () => {
    const made = await backUp(await filled())
    const target = await changed()
    const { resources } = await restoreInto(target, made, { mode: 'merge' })
    expect(resources.users).toEqual({ ...none, restored: 2, replaced: 1 })
    expect(await userNames(target)).toEqual({ a: 'name a', b: 'name b', c: 'name c', x: 'extra' })
    const ask = (region: string) =>
      target.resources.users!.listIds({ partition: 'byRegion', partitionValues: { region } })
    expect(await ask('APAC')).toEqual([])
    expect((await ask('US')).sort()).toEqual(['a', 'b', 'x'])
  })

  it('equal the backup with replace: everything else is removed, including references', async () => {
    const source = await filled()
    const made = await backUp(source)
    const target = await changed()
    const { resources } = await restoreInto(target, made, { mode: 'replace' })
    expect(resources.users).toEqual({ ...none, restored: 2, replaced: 1, removed: 1 })
    expect(await stored(target, 'resource=users/')).toEqual(await stored(source, 'resource=users/'))
  })
})

describe('a dry run', () => {
  it.each(['skip', 'merge', 'replace'] as const)(
    'counts what the real run then does, and writes nothing (%s)',
    async (mode) => {
      const made = await backUp(await filled())
      const target = await changed()
      const before = await stored(target)
      const planned = await restoreInto(target, made, { mode, dryRun: true })
      expect(await stored(target)).toEqual(before)
      const done = await restoreInto(target, made, { mode })
      expect(planned.resources).toEqual(done.resources)
    },
  )
})

describe('a selection', () => {
  it('of resources by pattern, without those that are excluded', async () => {
    const made = await backUp(await filled())
    const one = await openNew()
    expect(Object.keys((await restoreInto(one, made, { resources: ['us*'] })).resources)).toEqual(['users'])
    expect(Object.keys(one.resources)).toEqual(['users'])
    const other = await openNew()
    await restoreInto(other, made, { exclude: ['u*'] })
    expect(Object.keys(other.resources)).toEqual(['orders'])
    const error = await failure(restoreInto(await openNew(), made, { resources: ['user'] }))
    expect(error).toMatchObject({ code: 'not_found', statusCode: 404 })
  })

  it('of ids', async () => {
    const target = await openNew()
    const { resources } = await restoreInto(target, await backUp(await filled()), { ids: ['b', 'o1'] })
    expect(resources).toEqual({ users: { ...none, restored: 1 }, orders: { ...none, restored: 1 } })
    expect(await userNames(target)).toEqual({ b: 'name b' })
  })

  it('of other names', async () => {
    const source = await filled()
    await restoreInto(source, await backUp(source), { rename: { users: 'users_restored' } })
    expect(await userNames(source, 'users_restored')).toEqual(await userNames(source))
    const byRegion = { partition: 'byRegion', partitionValues: { region: 'US' } }
    expect((await source.resources.users_restored!.listIds(byRegion)).sort()).toEqual(['a', 'b'])
  })
})

describe('a target', () => {
  it('with another definition is a conflict, and nothing is written', async () => {
    const made = await backUp(await filled())
    const target = await openNew()
    await target.createResource({ name: 'users', attributes: { name: 'number', region: 'string|optional' } })
    const before = await stored(target)
    const error = await failure(restoreInto(target, made))
    expect(error).toMatchObject({ code: 'conflict', operation: 'restore', statusCode: 409 })
    expect(error.message).toContain('name')
    expect(await stored(target)).toEqual(before)
    expect(Object.keys(target.resources)).toEqual(['users'])

    await restoreInto(target, made, { mode: 'replace' })
    expect(await userNames(target)).toEqual({ a: 'name a', b: 'name b', c: 'name c' })
  })

  it('with the same attributes under other keys stores the records under its own keys', async () => {
    const there = address('file')
    const first = await open(there)
    await first.createResource({
      name: 'users',
      attributes: { burned: 'string|optional', ...userAttributes },
    })
    await first.disconnect()
    const second = await open(there)
    await second.createResource({ name: 'users', attributes: userAttributes })
    await second.disconnect()
    const target = await open(there)
    const source = await openNew()
    const users = await source.createResource({ name: 'users', attributes: userAttributes })
    await users.insert({ id: 'a', name: 'name a', region: 'US' })
    expect(target.resources.users!.schema.map).not.toEqual(users.schema.map)
    await target.resources.users!.insert({ id: 'own', name: 'own', region: 'EU' })
    await restoreInto(target, await backUp(source))
    for (const database of [target, await open(there)]) {
      expect(await userNames(database)).toEqual({ a: 'name a', own: 'own' })
      expect((await database.resources.users!.get('a')).region).toBe('US')
    }
  })
})

describe('a restore with failures', () => {
  it('does the rest, names each failed record and rejects as incomplete', async () => {
    const made = await backUp(await filled())
    const target = await openNew()
    const { client } = ours(target)
    const put = client.putObject.bind(client)
    client.putObject = async (object) => {
      if (object.key.endsWith('/data/id=b')) throw new Error('the storage does not like this one')
      return put(object)
    }
    const error = await failure(restoreInto(target, made))
    expect(error).toMatchObject({
      code: 'incomplete',
      operation: 'restore',
      metadata: {
        backupId: made.id,
        failed: { users: [{ id: 'b', reason: expect.stringContaining('does not like') }] },
      },
    })
    expect(Object.keys(await userNames(target))).toEqual(['a', 'c'])
    expect(await target.resources.orders!.listIds()).toHaveLength(2)

    client.putObject = put
    expect((await restoreInto(target, made)).resources.users).toEqual({ ...none, restored: 1, skipped: 2 })
  })

  it.each([0, 1, 4, 9, 14])('finishes when it is run again after an abort at write %i', async (writes) => {
    const source = await filled()
    const made = await backUp(source)
    const target = await openNew()
    const { client } = ours(target)
    const put = client.putObject.bind(client)
    const controller = new AbortController()
    let count = 0
    client.putObject = async (object) => {
      if (count++ === writes) controller.abort(new Error('enough'))
      return put(object)
    }
    await expect(restoreInto(target, made, { signal: controller.signal })).rejects.toThrow('enough')
    client.putObject = put
    await restoreInto(target, made)
    expect(await stored(target, 'resource=')).toEqual(await stored(source, 'resource='))
    expect(await userNames(target)).toEqual(await userNames(source))
  })
})

describe('records that an incomplete backup lists as unreadable', () => {
  const incomplete = async (more: { readonly everything: boolean }) => {
    const source = await filled()
    const driver = memory()
    const whole = databaseSource(ours(source))
    const losing: Source = {
      ...whole,
      async *read(resource, call) {
        for await (const batch of whole.read(resource, call)) {
          if (resource !== 'users') yield batch
          else if (more.everything)
            yield { ...batch, lostWithoutId: [{ reason: 'a page of the listing is missing', count: null }] }
          else {
            const rows = batch.rows.filter(({ id }) => id !== 'b')
            const marks = batch.marks!.filter(({ id }) => id !== 'b')
            yield { ...batch, rows, marks, lost: [{ id: 'b', reason: 'AccessDenied' }] }
          }
        }
      },
    }
    const id = await backup({ source: losing, driver }).then(
      () => '',
      (error: unknown) => (isBackupError(error, 'incomplete') ? String(error.metadata.backupId) : ''),
    )
    await source.resources.users!.insert({ id: 'x', name: 'came later', region: 'US' })
    return { source, made: { driver, id } }
  }

  it('stay with replace; records that the backup really does not have are removed', async () => {
    const { source, made } = await incomplete({ everything: false })
    const { resources } = await restoreInto(source, made, { mode: 'replace', allowIncomplete: true })
    expect(resources.users).toEqual({
      ...none,
      replaced: 2,
      removed: 1,
      kept: { count: 1, reason: expect.stringContaining('could not read them') },
    })
    expect((await source.resources.users!.listIds()).sort()).toEqual(['a', 'b', 'c'])
  })

  it('and cannot name make replace remove nothing of the resource, and say so', async () => {
    const { source, made } = await incomplete({ everything: true })
    const { resources } = await restoreInto(source, made, { mode: 'replace', allowIncomplete: true })
    expect(resources.users).toMatchObject({
      replaced: 3,
      removed: 0,
      kept: { count: 1, reason: expect.stringContaining('nothing was removed') },
    })
    expect((await source.resources.users!.listIds()).sort()).toEqual(['a', 'b', 'c', 'x'])
  })
})
