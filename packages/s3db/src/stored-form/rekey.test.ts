import type { Database } from 's3db.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formOf, storedForm, storedFormSchema } from './index.js'
import { type Definition, formOfResource, openDatabase, storedObject } from './test/real-database.js'

const shared: { database?: Database } = {}
beforeAll(async () => {
  shared.database = await openDatabase()
})
afterAll(() => shared.database?.disconnect())

const big = 'B'.repeat(4000)
const behaviors = ['user-managed', 'body-overflow', 'body-only'] as const

describe.each(behaviors)('moving %s records to a resource with another map', (behavior) => {
  const values = { name: 'Ana', tags: ['a|b'], n: 1.5, address: { city: 'São Paulo' }, text: big }
  const source = () => ({
    name: 'string',
    tags: 'array|items:string',
    n: 'number',
    address: { city: 'string' },
    text: 'string',
  })
  const turned = () => ({
    text: 'string',
    address: { city: 'string' },
    n: 'number',
    extra: 'string|optional',
    tags: 'array|items:string',
    name: 'string',
  })

  async function pair(kind: string, attributes: Readonly<Record<string, Definition>>) {
    const database = shared.database!
    const from = await database.createResource({
      name: `${behavior}-${kind}-from`,
      behavior,
      attributes: source(),
    })
    const to = await database.createResource({ name: `${behavior}-${kind}-to`, behavior, attributes })
    await from.insert({ id: 'r', ...values })
    return {
      from: formOfResource(from),
      to: formOfResource(to),
      object: await storedObject(database, from.getResourceKey('r')),
    }
  }

  it('keeps every value, and moving back gives the original object', async () => {
    const { from, to, object } = await pair('there', turned())
    const moved = from.rekey(object, to)
    if ('missing' in moved) throw new Error(moved.missing.join())
    expect(to.decode(moved, 'r')).toEqual({ id: 'r', ...values })
    const back = to.rekey(moved, from)
    if ('missing' in back) throw new Error(back.missing.join())
    expect(back.metadata).toStrictEqual(object.metadata)
    expect(from.decode(back, 'r')).toStrictEqual(from.decode(object, 'r'))
  })

  it('names the attributes that the other resource does not have', async () => {
    const fewer = { text: 'string', n: 'number', name: 'string' }
    const { from, to, object } = await pair('fewer', fewer)
    expect(from.rekey(object, to)).toEqual({ missing: expect.arrayContaining(['tags', 'address.city']) })
  })

  it('names the attributes that the other resource stores in another way', async () => {
    const { from, to, object } = await pair('other', { ...turned(), n: 'string' })
    expect(from.rekey(object, to)).toEqual({ missing: ['n'] })
  })
})

describe('a definition', () => {
  it('is plain JSON that makes the same form, and contains no passphrase', async () => {
    const database = await openDatabase({
      security: { passphrase: 'never written down', bcrypt: { rounds: 12 } },
    })
    const resource = await database.createResource({
      name: 'users',
      timestamps: true,
      attributes: { name: 'string', token: 'secret', m: 'money|optional' },
    })
    await resource.insert({ id: 'r', name: 'Ana', token: 'tok', m: 1.5 })
    const object = await storedObject(database, resource.getResourceKey('r'))
    const definition = formOf(resource)
    expect(JSON.stringify(definition)).not.toContain('never written down')
    const read = storedForm(storedFormSchema.parse(JSON.parse(JSON.stringify(definition))))
    const row = read.decode(object, 'r')!
    expect(row).toMatchObject({ id: 'r', name: 'Ana', m: 1.5 })
    expect(read.reproduces(object, row)).toBe(true)
    const { token: _, ...rest } = row
    expect(storedForm(definition, { secrets: 'omit' }).decode(object, 'r')).toStrictEqual(rest)
    await database.disconnect()
  })

  it('with names that lead to a prototype is refused', () => {
    const bad = {
      attributes: {},
      map: { 'a.__proto__.b': '0' },
      pluginMap: {},
      hooks: { beforeMap: {}, afterUnmap: {} },
      separator: '|',
      pluginAttributes: [],
      behavior: 'user-managed',
    }
    expect(storedFormSchema.safeParse(bad).success).toBe(false)
  })
})

describe('a record of an older version of its resource', () => {
  it('reads with the present attributes, as s3db.js reads it', async () => {
    const database = await openDatabase()
    await database.createResource({
      name: 'users',
      behavior: 'user-managed',
      attributes: { name: 'string', gone: 'string|optional', age: 'number|optional' },
    })
    await database.resources.users!.insert({ id: 'r', name: 'Ana', gone: 'x', age: 5 })
    const resource = await database.createResource({
      name: 'users',
      behavior: 'user-managed',
      attributes: { name: 'string', age: 'number|optional' },
    })
    const object = await storedObject(database, resource.getResourceKey('r'))
    const row = formOfResource(resource).decode(object, 'r')
    const { _v, ...theirs } = await resource.get('r')
    expect(_v).toBeDefined()
    expect(theirs).toMatchObject({ ...row })
    await database.disconnect()
  })
})
