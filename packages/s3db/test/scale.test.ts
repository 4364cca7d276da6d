import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { isBackupError, openCatalog, verify } from '@s3db-backup/core'
import type { Database } from 's3db.js'
import { describe, expect, it } from 'vitest'
import { sized } from '../../../tooling/test/sized.ts'
import {
  address,
  backUp,
  got,
  open,
  openNew,
  ours,
  type Place,
  type Resource,
  restoreInto,
  scratch,
  stored,
} from './databases.js'

/** Stores records in the form that s3db.js gives them, many at once and without its slow checks. */
async function fill(database: Database, resource: Resource, count: number): Promise<void> {
  for (let from = 0; from < count; from += 500) {
    const some = Array.from({ length: Math.min(500, count - from) }, (_, index) => from + index)
    await Promise.all(
      some.map(async (n) => {
        const id = randomBytes(16).toString('base64url')
        const metadata = await resource.schema.mapper({ name: `Zoë ${n}`, n, tags: [`t${n % 7}`, 'é'] })
        await ours(database).client.putObject({
          key: resource.getResourceKey(id),
          metadata: { ...metadata, _v: resource.version },
          body: '',
        })
      }),
    )
  }
}

const attributes = { name: 'string', n: 'number', tags: 'array|items:string' }

/** The first difference between two sets of objects, in words. */
function firstDifference(left: Map<string, unknown>, right: Map<string, unknown>): string | undefined {
  for (const [key, object] of left) {
    if (!right.has(key)) return `${key} is missing`
    if (!isDeepStrictEqual(object, right.get(key))) return `${key} differs`
  }
  return left.size === right.size ? undefined : `${right.size - left.size} too many`
}

describe('no page of a listing hides anything', () => {
  const few: readonly [Place, number][] = [
    ['memory', 2_500],
    ['file', 2_500],
  ]
  it.each(sized({ quick: few, full: [...few, ['memory', 25_000]] }))(
    '%s:// with %i records of random ids',
    async (place, count) => {
      const source = await openNew(place)
      const users = await source.createResource({ name: 'users', attributes })
      await fill(source, users, count)
      const made = await backUp(source)
      expect(made.records).toBe(count)
      const target = await openNew()
      const { resources } = await restoreInto(target, made)
      expect(resources.users).toMatchObject({ restored: count, failed: [] })
      if (place === 'memory')
        expect(firstDifference(await stored(source), await stored(target))).toMatch(/s3db.json/)
      const sourceKeys = await ours(source).client.listObjects({
        prefix: 'resource=users/data/',
        maxKeys: 2 ** 31 - 1,
      })
      expect(sourceKeys.Contents).toHaveLength(count)
    },
  )
})

/** Where 50,000 small files are made and removed in seconds: file systems that are kept in memory. */
const manyFiles = existsSync('/dev/shm') ? '/dev/shm' : undefined

// One resource is larger than a page of a listing, and in the full profile larger than any page, on file:// too.
const counts = sized({ quick: [1_001, 1_000, 499, 0], full: [20_000, 2_500, 1_001, 1_000, 499, 0] })
const total = counts.reduce((sum, count) => sum + count)

it(`${total} records in ${counts.length} resources are restored the same through file:// and memory://`, async () => {
  const source = await openNew()
  for (const [index, count] of counts.entries())
    await fill(source, await source.createResource({ name: `resource_${index}`, attributes }), count)
  const onDisk = await open(`file://${scratch(manyFiles)}/database`)
  await restoreInto(onDisk, await backUp(source))
  const again = await openNew()
  const made = await backUp(onDisk)
  expect(made.records).toBe(total)
  await restoreInto(again, made)
  const originals = await stored(source, 'resource=')
  expect(originals.size).toBe(total)
  expect(firstDifference(originals, await stored(again, 'resource='))).toBeUndefined()
  for (const [key] of [...originals].filter((_, index) => index % 997 === 0)) {
    const [, name = '', id = ''] = /^resource=(.+)\/data\/id=(.+)$/.exec(key) ?? []
    const original = await got(source.resources[name]!, id)
    expect(await got(again.resources[name]!, id)).toEqual(original)
    expect(await got(onDisk.resources[name]!, id)).toEqual(original)
  }
})

describe('nearly empty databases', () => {
  it('a database without resources', async () => {
    const made = await backUp(await openNew())
    expect(made.records).toBe(0)
    expect((await restoreInto(await openNew('file'), made)).resources).toEqual({})
  })

  it('a resource without records', async () => {
    const source = await openNew()
    await source.createResource({ name: 'empty', attributes })
    const target = await openNew('file')
    const { resources } = await restoreInto(target, await backUp(source))
    expect(resources.empty).toMatchObject({ restored: 0, failed: [] })
    expect(await target.resources.empty!.listIds()).toEqual([])
    expect((await target.resources.empty!.insert({ name: 'x', n: 1, tags: [] })).name).toBe('x')
  })
})

describe('unusual names and ids', () => {
  const names = ['users', 'Users2', 'a.b', 'with space', 'ünïcode', 'x-y_z', '日本', 'con', 'data', '$x']
  const ids = [
    '..',
    '.',
    'a b',
    'ü',
    '日本',
    '😀',
    'a+b&c',
    'A',
    '-',
    "it's",
    'x.json',
    'a#b?c',
    '~',
    'id',
    'a,b;c',
  ]

  it.each(['memory', 'file'] as const)('are restored unchanged (%s)', async (place) => {
    const source = await openNew(place)
    for (const name of names) {
      const resource = await source.createResource({ name, attributes })
      for (const id of ids) await resource.insert({ id, name: `${name} ${id}`, n: 1, tags: ['x'] })
    }
    const target = await openNew(place === 'memory' ? 'file' : 'memory')
    await restoreInto(target, await backUp(source))
    const originals = await stored(source, 'resource=')
    expect(originals.size).toBe(names.length * ids.length)
    expect(firstDifference(originals, await stored(target, 'resource='))).toBeUndefined()
  })
})

describe('records that change while they are exported', () => {
  it('are in the backup or not, and no other record is missing', async () => {
    const source = await openNew()
    const users = await source.createResource({ name: 'users', attributes })
    await fill(source, users, 1_000)
    const before = await users.listIds({ limit: 1_000 })
    const { client } = ours(source)
    const read = client.getObject.bind(client)
    const doomed = before.filter((_, index) => index % 10 === 0)
    let reads = 0
    client.getObject = async (key) => {
      // The definitions are read before the listing.
      if (key.startsWith('resource=users/')) reads += 1
      if (reads === 1) {
        for (const id of doomed) await client.deleteObject(users.getResourceKey(id))
        await users.insert({ id: 'came-meanwhile', name: 'new', n: 1, tags: [] })
      }
      return read(key)
    }
    const made = await backUp(source)
    client.getObject = read
    expect(made.manifest.status).toBe('completed')
    const target = await openNew()
    await restoreInto(target, made)
    const restored = new Set(await target.resources.users!.listIds({ limit: 2_000 }))
    for (const id of before) if (!doomed.includes(id)) expect(restored.has(id)).toBe(true)
    const { vanished, recordCount } = made.manifest.resources.users!
    expect(vanished + recordCount).toBeGreaterThanOrEqual(1_000)
    expect(vanished).toBeGreaterThan(90)
  })

  it('and unreadable records make the backup incomplete, each one named', async () => {
    const source = await openNew('file')
    const users = await source.createResource({ name: 'users', attributes })
    for (const id of ['a', 'b', 'c', 'd']) await users.insert({ id, name: id, n: 1, tags: [] })
    const { client } = ours(source)
    const read = client.getObject.bind(client)
    client.getObject = async (key) => {
      if (key.endsWith('id=b')) throw new Error('this sector cannot be read')
      if (key.endsWith('id=c')) return read(`${key}-elsewhere`)
      return read(key)
    }
    const error: unknown = await backUp(source).catch((reason: unknown) => reason)
    if (!isBackupError(error)) throw error
    expect(error).toMatchObject({
      code: 'incomplete',
      operation: 'backup',
      metadata: { lost: { users: [{ id: 'b' }, { id: 'c' }] } },
    })
    expect(error.message).toContain('2')
  })
})

it('a backup is listed, verified and restored after its database is gone', async () => {
  const there = address('file')
  const source = await open(there)
  const users = await source.createResource({ name: 'users', attributes })
  await fill(source, users, 100)
  const originals = await stored(source, 'resource=')
  const made = await backUp(source)
  await source.disconnect()
  await rm(there.slice('file://'.length), { recursive: true })
  expect((await openCatalog(made.driver).list()).backups.map(({ id }) => id)).toEqual([made.id])
  expect(await verify({ driver: made.driver, id: made.id })).toMatchObject({ id: made.id })
  const target = await openNew()
  await restoreInto(target, made)
  expect(firstDifference(originals, await stored(target, 'resource='))).toBeUndefined()
})
