import type { Database } from 's3db.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StoredForm, StoredObject } from './index.js'
import {
  type Definition,
  formOfResource,
  openDatabase,
  storedAgain,
  storedObject,
  upstreamDecode,
} from './test/real-database.js'

/** One attribute type: values that the line alone brings back exactly, and values that need the raw form. */
interface Case {
  readonly type: string
  readonly definition: Definition
  readonly exact: readonly unknown[]
  readonly raw?: readonly unknown[]
}

const simple = (definition: string, exact: readonly unknown[], raw: readonly unknown[] = []): Case => ({
  type: definition,
  definition: `${definition}|optional`,
  exact,
  raw,
})

const texts = [
  'hello',
  '',
  '  pad ',
  'null',
  null,
  'true',
  '12',
  'é',
  '日本語テキスト',
  'a\nb',
  '{bad',
  'b:xx',
  'd:j',
  'u:%41',
  'a|b\\c',
  '🎉',
]
const nested = {
  $$type: 'object|optional',
  bio: 'string|optional',
  age: 'number|optional',
  tags: 'array|items:string|optional',
  deep: { $$type: 'object|optional', x: 'string|optional', n: 'number|integer:true|optional' },
}

const cases: readonly Case[] = [
  simple(
    'string',
    [...texts, 'https://www.x.io/a', 'application/json', '[object Object]'],
    ['{"a":1}', 'undefined', undefined],
  ),
  simple('number', [
    0,
    1,
    -1,
    1.5,
    -0.25,
    123456789,
    Number.MAX_SAFE_INTEGER,
    1e21,
    0.1,
    1e-3,
    Number.MAX_VALUE,
    -0,
    null,
  ]),
  simple('number|integer:true', [0, 1, -5, Number.MAX_SAFE_INTEGER, null]),
  simple('number|integer', [0, 7, -5]),
  { type: 'number as an object', definition: { type: 'number', optional: true }, exact: [1.5, 3] },
  simple('boolean', [true, false, null]),
  simple(
    'array|items:string',
    [['a', 'b'], [], [''], ['a|b', 'c\\d'], ['é', 'x'], ['null'], ['x ', ' y'], null],
    [['[1]'], ['{"a":1}']],
  ),
  simple('array|items:number', [[1, 2, 3], [1.5, -2], [], [0]]),
  simple('array|items:number|integer:true', [[1, 2, 3], [-4]]),
  simple('array|items:object', [[{ a: 1 }], [{ a: 'x|y' }, { b: [1, 2] }], []]),
  simple('array', [['a', 1], [1, 2], ['a', 'b'], [], [[1], [2]]]),
  {
    type: 'array as an object',
    definition: { type: 'array', items: 'string', optional: true },
    exact: [['q', 'w'], []],
  },
  simple('embedding:4', [
    [0.1, -0.25, 1, 0],
    [1e-9, 0.123456789, 2, 3],
  ]),
  simple('json', [{ a: 1, b: [1, { c: null }] }, [1, 2], 'text', '{"a":1}', 5, true, null, {}], ['{"a": 1}']),
  simple('object', [{ a: 1, b: { c: 'd' } }, {}, null]),
  simple('any', ['s', 5, true, [1, 2]]),
  {
    type: 'nested object',
    definition: nested,
    exact: [
      { bio: 'b', age: 3, tags: ['a', 'b'], deep: { x: 'y', n: 4 } },
      { bio: '' },
      {},
      { bio: 'x', deep: {} },
      { bio: 'x', extra: 'kept' },
      null,
    ],
    raw: [{ bio: '{"a":1}' }],
  },
  {
    type: 'plain nested object',
    definition: { bio: 'string|optional', age: 'number|optional' },
    exact: [{ bio: 'b', age: 3 }, { age: 1.5 }],
  },
  {
    type: 'object with props',
    definition: { type: 'object', optional: true, props: { bio: 'string|optional', n: 'number|optional' } },
    exact: [{ bio: 'b', n: 2 }],
  },
  simple('datetime', ['2024-03-15T14:30:45.123Z', '2024-03-15T14:30:45Z', '1969-12-31T23:59:59.000Z', null]),
  simple('dateonly', ['2024-03-15', '1960-01-01', null]),
  simple('timeonly', ['12:34:56', '12:34', '23:59:59.999']),
  simple('uuid', ['3b241101-e2bb-4255-8caf-4136c566a962', null]),
  simple('ip4', ['192.168.0.1', '0.0.0.0', '255.255.255.255', null]),
  simple('ip6', [
    '2001:db8::1',
    '::1',
    '::',
    'fe80:0:0:0:1:0:0:2',
    '2001:0db8:85a3:0000:0000:8a2e:0370:7334',
  ]),
  simple('mac', ['01:23:45:67:89:ab']),
  simple('cidr', ['10.0.0.0/8', '192.168.1.0/24', '1.2.3.4/0']),
  simple('semver', ['1.2.3', '0.0.1', '10.20.300']),
  simple('phone', ['+5511999998888']),
  simple('color', ['#ff00aa', '#000001']),
  simple('duration', ['PT1H30M', 'P1DT2H', '1h30m', 'PT0.25S', 'PT0S', 'P3D']),
  simple('cron', ['*/5 * * * *']),
  simple('ean', ['4006381333931', '96385074', '036000291452']),
  simple('money', [12.34, 0, 0.1, 9999999.99, null]),
  simple('money:4', [12.3456]),
  simple('crypto', [0.00000001, 1.5]),
  simple('decimal:4', [1.23456, -2.5, 0, null]),
  simple('geo:lat', [-23.5505, 0, 90]),
  simple('geo:lon', [-46.6333, 0, 180]),
  simple('geo:point', [{ lat: -23.5505, lon: -46.6333 }, [1, 2]]),
  simple('email', ['a@b.co']),
  simple('url', ['https://www.example.com/x?y=1']),
  { type: 'enum', definition: { type: 'enum', values: ['a', 'b'], optional: true }, exact: ['a'] },
  simple('locale', ['pt-BR']),
  simple('currency', ['BRL']),
  simple('country', ['BR']),
  simple('password', ['passw0rd!']),
  simple('buffer', [Buffer.from('abc')]),
  simple('bits:8', [Buffer.from([1])]),
]

const shared: { database?: Database } = {}
beforeAll(async () => {
  shared.database = await openDatabase({ security: { passphrase: 'kept elsewhere', bcrypt: { rounds: 12 } } })
})
afterAll(() => shared.database?.disconnect())

/** Stores each value in a record of its own. */
async function stored(definition: Definition, values: readonly unknown[], name: string) {
  const database = shared.database!
  const resource = await database.createResource({
    name: name.replace(/[^a-z0-9]/gi, '_'),
    attributes: { v: definition, pad: 'string|optional' },
    behavior: 'body-overflow',
  })
  const objects: StoredObject[] = []
  for (const [index, v] of values.entries()) {
    await resource.insert({ id: `i${index}`, v, pad: 'p' })
    objects.push(await storedObject(database, resource.getResourceKey(`i${index}`)))
  }
  return { database, resource, form: formOfResource(resource), objects }
}

const throughJson = (form: StoredForm, object: StoredObject) =>
  JSON.parse(JSON.stringify(form.decode(object, 'i')))

describe('every attribute type of s3db.js', () => {
  for (const { type, definition, exact, raw = [] } of cases) {
    it(`${type}: reads as s3db.js reads it`, async () => {
      const { resource, form, objects } = await stored(definition, [...exact, ...raw], `read ${type}`)
      for (const object of objects) {
        expect(form.decode(object, 'i')).toStrictEqual(await upstreamDecode(resource, object, 'i'))
      }
    })

    it(`${type}: is reproduced from its line exactly as it was stored, or reported as not reproducible`, async () => {
      const { database, form, objects } = await stored(definition, [...exact, ...raw], `write ${type}`)
      for (const [index, object] of objects.entries()) {
        expect(form.reproduces(object, form.decode(object, 'i')!)).toBe(index < exact.length)
        if (index >= exact.length) continue
        const again = await storedAgain(database, form.encode(throughJson(form, object), 'v1')!)
        expect(again).toStrictEqual({ ...object, body: again.body })
        expect(again.body).toHaveLength(0)
      }
    })
  }
})

describe('secrets', () => {
  const definition = 'secret|optional'

  it('are exported and restored as the stored ciphertext', async () => {
    const { form, objects } = await stored(definition, ['s3cr3t', null], 'secrets')
    expect(form.secretPaths).toStrictEqual(['v'])
    for (const object of objects) {
      const row = form.decode(object, 'i')!
      expect(row.v).toBe(object.metadata['0'])
      expect(row.v).not.toContain('s3cr3t')
      expect(form.reproduces(object, row)).toBe(true)
    }
  })
})
