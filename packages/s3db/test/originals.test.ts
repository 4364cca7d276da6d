import { gunzipSync } from 'node:zlib'
import type { Driver } from '@s3db-backup/core'
import type { Database } from 's3db.js'
import { verifyPassword } from 's3db.js/concerns/password-hashing'
import { describe, expect, it } from 'vitest'
import {
  address,
  backUp,
  call,
  definitions,
  got,
  open,
  openNew,
  ours,
  type Place,
  restoreInto,
  stored,
} from './databases.js'

const passphrase = 'only-the-owner-knows-this-passphrase'
const security = { passphrase }
const plaintext = 'the-secret-that-nobody-may-read'

/** Restores into an empty database of another kind and gives it twice: live, and connected anew. */
async function restored(source: Database, options = {}, place: Place = 'file'): Promise<readonly Database[]> {
  const there = address(place)
  const live = await open(there, { security, ...options })
  await restoreInto(live, await backUp(source))
  return [live, await open(there, { security, ...options })]
}

async function allBytes(driver: Driver): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for await (const { key } of driver.list('', call)) {
    const chunks: Uint8Array[] = []
    for await (const chunk of driver.get(key, { ...call, kind: 'part' })) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    files.set(key, key.endsWith('.gz') ? gunzipSync(bytes) : bytes)
  }
  return files
}

describe('a record', () => {
  it('keeps ids, createdAt and updatedAt', async () => {
    const source = await openNew()
    const users = await source.createResource({
      name: 'users',
      attributes: { name: 'string|optional' },
      timestamps: true,
    })
    const { id } = await users.insert({ name: 'Zoë' })
    await users.insert({ id: 'ünïcode id.with-dots~and spaces', name: 'x' })
    await users.update(id, { name: 'Zoé' })
    const before = await users.get(id)
    expect(before.updatedAt).not.toBe(before.createdAt)
    for (const target of await restored(source)) {
      const after = await target.resources.users!.get(id)
      expect([after.id, after.createdAt, after.updatedAt]).toEqual([id, before.createdAt, before.updatedAt])
      expect((await target.resources.users!.listIds()).sort()).toEqual((await users.listIds()).sort())
    }
  })

  it('keeps the hash of a password: it verifies, and is not hashed again', async () => {
    const source = await openNew('memory', { security })
    const users = await source.createResource({ name: 'users', attributes: { password: 'password' } })
    await users.insert({ id: 'a', password: 'correct horse battery' })
    const hash = (await users.get('a')).password
    for (const target of await restored(source)) {
      const after = (await target.resources.users!.get('a')).password
      expect(after).toBe(hash)
      expect(await verifyPassword('correct horse battery', String(after))).toBe(true)
      expect(await verifyPassword('wrong horse battery', String(after))).toBe(false)
    }
  })

  it('keeps a secret readable for the same passphrase, and for no other', async () => {
    const source = await openNew('memory', { security })
    const users = await source.createResource({
      name: 'users',
      attributes: { token: 'secret', deep: { $$type: 'object|optional', key: 'secret|optional' } },
    })
    await users.insert({ id: 'a', token: plaintext, deep: { key: plaintext } })
    const original = await got(users, 'a')
    expect(original.token).toBe(plaintext)
    for (const target of await restored(source))
      expect(await got(target.resources.users!, 'a')).toEqual(original)
    const [stranger] = await restored(source, { security: { passphrase: 'another passphrase altogether' } })
    const seen = await stranger!.resources.users!.get('a').catch(() => ({ token: 'refused' }))
    expect(seen.token).not.toBe(plaintext)
  })

  it.each(['body-overflow', 'body-only', 'user-managed'] as const)(
    'shows no secret and no passphrase anywhere in a backup (%s)',
    async (behavior) => {
      const source = await openNew('memory', { security })
      const users = await source.createResource({
        name: 'users',
        behavior,
        timestamps: true,
        attributes: {
          visible: 'string',
          token: 'secret',
          pin: 'secretNumber|optional',
          password: 'password',
          deep: { $$type: 'object|optional', key: 'secret|optional' },
        },
      })
      const long = 'filler '.repeat(500)
      const secrets = { token: plaintext, pin: 918273645, password: plaintext, deep: { key: plaintext } }
      await users.insert({ id: 'a', visible: 'seen by all', ...secrets })
      await users.insert({ id: 'b', visible: long, ...secrets })
      const { driver } = await backUp(source)
      const files = await allBytes(driver)
      expect([...files.values()].some((bytes) => bytes.includes('seen by all'))).toBe(true)
      for (const [key, bytes] of files) {
        for (const hidden of [plaintext, passphrase, '918273645'])
          expect(bytes.includes(hidden), `${hidden} in ${key}`).toBe(false)
      }
    },
  )
})

describe('a resource', () => {
  // The clients differ: for "US" the one in memory also returns "USA". So each is compared with itself.
  it.each(['memory', 'file'] as const)('answers every partition query as before (%s)', async (place) => {
    const source = await openNew(place, { security })
    const people = await source.createResource({
      name: 'people',
      attributes: {
        region: 'string|optional',
        status: 'string|optional',
        born: 'dateonly|optional',
        home: { $$type: 'object|optional', city: 'string|optional' },
      },
      timestamps: true,
      asyncPartitions: false,
      partitions: {
        byRegion: { fields: { region: 'string' } },
        byPrefix: { fields: { region: 'string|maxlength:2' } },
        byCity: { fields: { 'home.city': 'string' } },
        byBoth: { fields: { status: 'string', region: 'string' } },
        byBirth: { fields: { born: 'date' } },
      },
    })
    const regions = ['US', 'USA', 'U', 'US-west', 'São Paulo', '日本', 'US x']
    for (const [index, region] of regions.entries())
      await people.insert({
        id: `p${index}`,
        region,
        status: index % 2 === 0 ? 'on' : 'off',
        born: `2001-02-0${(index % 3) + 1}`,
        ...(index === 5 ? {} : { home: { city: `${region} city` } }),
      })
    await people.insert({ id: 'none' })
    const questions = [
      ...regions.map((region) => ({ partition: 'byRegion', partitionValues: { region } })),
      ...regions.map((region) => ({
        partition: 'byCity',
        partitionValues: { 'home.city': `${region} city` },
      })),
      { partition: 'byPrefix', partitionValues: { region: 'US' } },
      { partition: 'byBoth', partitionValues: { region: 'US', status: 'on' } },
      { partition: 'byBoth', partitionValues: { region: 'US', status: 'off' } },
      { partition: 'byBirth', partitionValues: { born: '2001-02-02' } },
    ]
    const ask = async (database: Database) => {
      const answers: string[][] = []
      for (const question of questions)
        answers.push((await database.resources.people!.listIds(question)).sort())
      return answers
    }
    const answers = await ask(source)
    expect(answers.filter((ids) => ids.length > 0).length).toBeGreaterThan(regions.length)
    const references = [...(await stored(source, 'resource=people/partition=')).keys()].sort()
    expect(references.length).toBeGreaterThan(30)
    for (const target of await restored(source, {}, place)) {
      expect([...(await stored(target, 'resource=people/partition=')).keys()].sort()).toEqual(references)
      expect(await ask(target)).toEqual(answers)
    }
  })

  it('has the definition that it had, in s3db.json and in use', async () => {
    const source = await openNew('memory', { security })
    await source.createResource({
      name: 'everything',
      behavior: 'body-overflow',
      timestamps: true,
      paranoid: false,
      idSize: 12,
      attributes: {
        name: 'string|min:2|max:50',
        tags: 'array|items:string|optional',
        at: 'datetime|optional',
      },
      partitions: { byName: { fields: { name: 'string' } } },
      hooks: { beforeInsert: [async (record: unknown) => record] },
    })
    await source.createResource({ name: 'plain', attributes: { n: 'number' } })
    const original = await definitions(source)
    for (const target of await restored(source)) {
      expect(withoutRuntime(await definitions(target))).toEqual(withoutRuntime(original))
      const { everything } = target.resources
      expect(everything!.config.timestamps).toBe(true)
      expect(everything!.behavior).toBe('body-overflow')
      expect(everything!.schema.map).toEqual(source.resources.everything!.schema.map)
      await expect(everything!.insert({ name: 'x' })).rejects.toThrow(/name/)
      expect((await everything!.insert({ name: 'fine' })).id).toHaveLength(12)
    }
  })

  it('reads records that were written under an older version of it', async () => {
    const there = address('file')
    const first = await open(there)
    const before = await first.createResource({
      name: 'users',
      attributes: { a: 'string', gone: 'string', z: 'string' },
    })
    await before.insert({ id: 'old', a: 'A', gone: 'G', z: 'Z' })
    await first.disconnect()
    const source = await open(there)
    const users = await source.createResource({
      name: 'users',
      attributes: { a: 'string', z: 'string', fresh: 'string|optional' },
    })
    await users.insert({ id: 'new', a: 'A2', z: 'Z2', fresh: 'F2' })
    expect(users.version).not.toBe('v1')
    const reconnected = await open(there)
    const originals = await Promise.all(['old', 'new'].map((id) => got(reconnected.resources.users!, id)))
    expect(originals[0]).toMatchObject({ a: 'A', z: 'Z' })
    for (const target of await restored(reconnected)) {
      const found = await Promise.all(['old', 'new'].map((id) => got(target.resources.users!, id)))
      expect(found).toEqual(originals)
      const entry = (await definitions(target)).users
      expect(withoutRuntime({ entry })).toEqual(
        withoutRuntime({ entry: (await definitions(reconnected)).users }),
      )
      expect(JSON.stringify(entry)).toContain('burned')
    }
  })

  it('continues its counters', async () => {
    const source = await openNew()
    const orders = await source.createResource({
      name: 'orders',
      attributes: { n: 'number' },
      idGenerator: 'incremental',
    })
    for (let n = 0; n < 3; n++) await orders.insert({ n })
    const made = await backUp(source)
    const target = await openNew('file')
    await restoreInto(target, made)
    const ids = (await orders.listIds()).sort()
    const { id } = await target.resources.orders!.insert({ n: 4 })
    expect(ids).not.toContain(id)
    expect(Number(id)).toBe(Math.max(...ids.map(Number)) + 1)
  })

  it.each(['skip', 'merge', 'replace'] as const)('never sets a counter back (%s)', async (mode) => {
    const source = await openNew()
    const orders = await source.createResource({
      name: 'orders',
      attributes: { n: 'number' },
      idGenerator: 'incremental',
    })
    await orders.insert({ n: 1 })
    const made = await backUp(source)
    for (let n = 0; n < 4; n++) await orders.insert({ n })
    await restoreInto(source, made, { mode })
    const { id } = await source.resources.orders!.insert({ n: 9 })
    expect(Number(id)).toBe(6)
  })

  it('restores the data of plugins and the history', async () => {
    const source = await openNew()
    await source.createResource({ name: 'users', attributes: { a: 'string' } })
    const keys = {
      kept: ['resource=users/historical/id=1', 'resource=users/plugin=audit/x/y', 'plugin=audit/state'],
      passing: [
        'plugin=s3db-core/lock',
        'resource=users/sequence=id/lock',
        'resource=users/meta/count/partition=p.json',
      ],
    }
    for (const key of [...keys.kept, ...keys.passing])
      await ours(source).client.putObject({
        key,
        metadata: { a: 'é' },
        body: Buffer.from([0, 255, 10]),
        contentType: 'x/y',
      })
    const originals = await stored(source)
    for (const target of await restored(source)) {
      const found = await stored(target)
      for (const key of keys.kept) expect(found.get(key)).toEqual(originals.get(key))
      for (const key of keys.passing) expect(found.has(key)).toBe(false)
    }
  })
})

/** What s3db.js writes differently for the same definition: counts of hooks in memory, and a default said aloud. */
function withoutRuntime(entries: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(entries), (key, value) =>
    key === 'hooks' || key === 'cache' ? undefined : value,
  )
}
