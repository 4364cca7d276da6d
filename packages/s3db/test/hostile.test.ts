import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Batch, backup, isBackupError, type ResourceInfo, type Source } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { describe, expect, it } from 'vitest'
import { databaseSource } from '../src/index.js'
import { open, openNew, ours, restoreInto, scratch, stored } from './databases.js'

/** Makes a backup of a small database that an enemy changed on the way. */
async function forged(change: {
  info?: (info: ResourceInfo) => ResourceInfo
  batch?: (batch: Batch, resource: string) => Batch
}) {
  const database = await openNew()
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string' },
    partitions: { byName: { fields: { name: 'string' } } },
    asyncPartitions: false,
  })
  await users.insert({ id: 'good', name: 'good' })
  await ours(database).client.putObject({
    key: 'plugin=audit/state',
    metadata: {},
    body: 'x',
    contentType: 'a/b',
  })
  const honest = databaseSource(ours(database))
  const originals = new Map<string, string>()
  const source: Source = {
    ...honest,
    async describe(call) {
      const description = await honest.describe(call)
      const resources = description.resources.map((info) => {
        const changed = change.info?.(info) ?? info
        originals.set(changed.name, info.name)
        return changed
      })
      return { ...description, resources }
    },
    async *read(resource, call) {
      for await (const batch of honest.read(originals.get(resource) ?? resource, call))
        yield change.batch?.(batch, resource) ?? batch
    },
  }
  const driver = memory()
  return { driver, ...(await backup({ source, driver })) }
}

/** Restores into a database in a directory beside which nothing may appear. */
async function restoredBeside(made: Awaited<ReturnType<typeof forged>>, options = {}) {
  const outside = scratch()
  const root = join(outside, 'inner', 'database')
  mkdirSync(root, { recursive: true })
  writeFileSync(join(outside, 'precious'), 'untouched')
  const target = await open(`file://${root}`)
  const error: unknown = await restoreInto(target, made, options).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { target, error, outside: readdirSync(outside).sort(), inner: readdirSync(join(outside, 'inner')) }
}

const evilIds = ['../../../../precious', 'a/b', '..\\..\\precious', 'a\0b', '', '../x']

const withId =
  (id: string) =>
  (batch: Batch, resource: string): Batch => {
    if (resource !== 'users') return batch
    return {
      ...batch,
      rows: batch.rows.flatMap((row) => [row, { ...row, id }]).sort(byId),
      marks: (batch.marks ?? []).flatMap((mark) => [mark, { ...mark, id }]).sort(byId),
      raw: new Map(),
    }
  }

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)

describe('a malicious backup writes nothing outside its place', () => {
  it.each(evilIds)('with a record whose id is %j', async (id) => {
    const made = await forged({ batch: withId(id) }).catch((error: unknown) => error)
    // Either the backup cannot be written, or its restore names the record and restores the others.
    if (isBackupError(made)) return expect(made.code).toMatch(/invalid|internal|corrupt/)
    const { target, error, outside, inner } = await restoredBeside(made as Awaited<ReturnType<typeof forged>>)
    expect(outside).toEqual(['inner', 'precious'])
    expect(inner).toEqual(['database'])
    expect(error).toMatchObject({ code: 'incomplete', metadata: { failed: { users: [{ id }] } } })
    const keys = [...(await stored(target)).keys()].filter((key) => key.startsWith('resource='))
    expect(keys).toEqual(['resource=users/data/id=good', 'resource=users/partition=byName/name=good/id=good'])
  })

  it.each(['..', '.'])('with a record whose id is %j, which stays a name in its place', async (id) => {
    const { target, error, outside } = await restoredBeside(await forged({ batch: withId(id) }))
    expect(error).toBeUndefined()
    expect(outside).toEqual(['inner', 'precious'])
    expect((await stored(target)).has(`resource=users/data/id=${id}`)).toBe(true)
  })

  it.each(['../../../../../../planted', '../../data/id=planted', 'a/../../../b', '..'])(
    'with a record whose partition is %j',
    async (name) => {
      const { target, error, outside, inner } = await restoredBeside(
        await forged({
          batch: (batch, resource) =>
            resource === 'users'
              ? { ...batch, rows: batch.rows.map((row) => ({ ...row, name })), raw: new Map() }
              : batch,
        }),
      )
      expect(outside).toEqual(['inner', 'precious'])
      expect(inner).toEqual(['database'])
      const keys = [...(await stored(target)).keys()]
      expect(keys.filter((key) => !/^resource=users\/partition=byName\//.test(key))).toEqual([
        'plugin=audit/state',
        'resource=users/data/id=good',
        's3db.json',
      ])
      expect(error).toBeUndefined()
    },
  )

  it('with a resource called "..", which stays a name in its place', async () => {
    const { target, error, outside } = await restoredBeside(
      await forged({ info: (info) => ({ ...info, name: '..' }) }),
    )
    expect(error).toBeUndefined()
    expect(outside).toEqual(['inner', 'precious'])
    expect((await stored(target)).has('resource=../data/id=good')).toBe(true)
  })

  it.each(['../x', 'a/b', 'a\\b', ''])('with a resource called %j', async (name) => {
    const made = await forged({ info: (info) => ({ ...info, name }) }).catch((error: unknown) => error)
    if (isBackupError(made)) return expect(made.code).toMatch(/invalid|internal|corrupt|unsupported/)
    const { target, error, outside, inner } = await restoredBeside(made as Awaited<ReturnType<typeof forged>>)
    expect(isBackupError(error) ? error.code : error).toBe('corrupt')
    expect(outside).toEqual(['inner', 'precious'])
    expect(inner).toEqual(['database'])
    expect([...(await stored(target)).keys()]).toEqual(['s3db.json'])
  })

  it.each(['../x', '..', 'a/b'])('when a resource is renamed to %j', async (name) => {
    const { target, error, outside } = await restoredBeside(await forged({}), { rename: { users: name } })
    expect(isBackupError(error)).toBe(true)
    expect(outside).toEqual(['inner', 'precious'])
    expect([...(await stored(target)).keys()]).toEqual(['s3db.json'])
  })

  it.each([
    's3db.json',
    'resource=users/data/id=planted',
    'plugin=audit/../../resource=users/data/id=planted',
    'plugin=../../../precious',
    'other/key',
    'plugin=s3db-core/lock',
  ])('with an object of a plugin under %j', async (key) => {
    const made = await forged({
      batch: (batch, resource) =>
        resource.startsWith(':objects') && batch.rows.length > 0
          ? {
              ...batch,
              rows: batch.rows.map((row) => ({ ...row, id: key })),
              raw: new Map([...(batch.raw ?? [])].map(([, raw]) => [key, raw])),
              marks: (batch.marks ?? []).map((mark) => ({ ...mark, id: key })),
            }
          : batch,
    })
    const { target, error, outside, inner } = await restoredBeside(made)
    expect(error).toMatchObject({ code: 'incomplete' })
    expect(outside).toEqual(['inner', 'precious'])
    expect(inner).toEqual(['database'])
    const records = [...(await stored(target)).keys()]
    expect(records.filter((found) => found.includes('planted') || found.includes('lock'))).toEqual([])
    expect(Object.keys(target.resources)).toEqual(['users'])
  })
})
