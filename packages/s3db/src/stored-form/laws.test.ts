import {
  type Arbitrary,
  array,
  assert as check,
  constantFrom,
  dictionary,
  double,
  integer,
  jsonValue,
  maxSafeInteger,
  oneof,
  option,
  property,
  record,
  string,
  tuple,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type StoredFormDefinition, type StoredObject, storedForm } from './index.js'
import { oddText } from './test/odd-text.js'

const number = oneof(
  maxSafeInteger(),
  double({ noNaN: true, noDefaultInfinity: true }),
  integer(),
  constantFrom(-0, 0.1, 1e-6),
)

const definition: StoredFormDefinition = {
  attributes: {
    t: 'string',
    n: 'number',
    i: 'number|integer',
    b: 'boolean',
    l: 'array|items:string',
    d: 'array|items:number',
    j: 'json',
    w: 'datetime',
    a: { x: 'string', y: 'uuid' },
    p: 'ip6',
    any: 'any',
    g: 'geo:point',
  },
  map: {
    t: '0',
    n: '1',
    i: '2',
    b: '3',
    l: '4',
    d: '5',
    j: '6',
    w: '7',
    'a.x': '8',
    'a.y': '9',
    p: 'a',
    any: 'b',
    a: 'c',
    g: 'd',
  },
  pluginMap: {},
  hooks: {
    beforeMap: {
      n: ['toBase62Decimal'],
      i: ['toBase62'],
      b: ['fromBool'],
      l: ['fromArray'],
      d: ['fromArrayOfDecimals'],
      j: ['toJSON'],
      p: ['encodeIPv6'],
      g: [{ action: 'encodeGeoPointPair', params: { precision: 6 } }],
    },
    afterUnmap: {
      n: ['fromBase62Decimal'],
      i: ['fromBase62'],
      b: ['toBool'],
      l: ['toArray'],
      d: ['toArrayOfDecimals'],
      j: ['fromJSON'],
      p: ['decodeIPv6'],
      g: [{ action: 'decodeGeoPointPair', params: { precision: 6 } }],
    },
  },
  separator: '|',
  pluginAttributes: [],
  behavior: 'body-overflow',
}
const form = storedForm(definition)

/** Metadata as it may lie there, right or wrong: any key with any text. */
const storedText = option(
  oneof(
    oddText,
    constantFrom(
      '1',
      '0',
      'a|b',
      '1.5',
      'u76ipYD',
      '159fAB49qS9f2zJyK23C88Lw',
      'IAENuAAAAAAAAAAAAAAAAQ==',
      '~4uOy8~91ALO',
    ),
  ),
)
const key = oneof(
  constantFrom(...Object.values(definition.map)),
  constantFrom('id', '_x', 'a_z', 't', 'constructor', 'tostring', '__proto__'),
  string(),
)
const metadata: Arbitrary<Record<string, string | null>> = tuple(
  dictionary(key, storedText),
  constantFrom('v1', 'v2', '1'),
).map(([entries, version]) => ({ ...entries, _v: version }))
const object = (entries: StoredObject['metadata'], body = ''): StoredObject => ({
  metadata: entries,
  body: Buffer.from(body),
  contentType: undefined,
})
const throughJson = (value: object) => JSON.parse(JSON.stringify(value))

describe('a stored form', () => {
  it('does not read a path that leads to a prototype', () => {
    const stored = object({ _v: 'v1', _overflow: 'true' }, '{"a.__proto__.x":"1"}')
    expect(form.decode(stored, 'r')).toBeUndefined()
    expect(form.reason(stored)).toContain('a.__proto__.x')
  })

  it('reproduces an object exactly when the line that was written and read back encodes to it', () => {
    check(
      property(metadata, (entries) => {
        const stored = object(entries)
        const row = form.decode(stored, 'r')
        if (row === undefined) return
        const again = form.encode(throughJson(row), entries._v ?? '')
        if (form.reproduces(stored, row)) expect(again?.metadata).toStrictEqual(entries)
      }),
      { numRuns: 1000 },
    )
  })

  it('never claims that another row reproduces an object when it does not', () => {
    const values = oneof(
      jsonValue(),
      oddText,
      number,
      constantFrom(
        undefined,
        Number.NaN,
        new Date(0),
        [undefined],
        { a: undefined },
        new Map(),
        Buffer.from('a'),
      ),
    )
    const rows = dictionary(
      constantFrom('t', 'n', 'i', 'b', 'l', 'd', 'j', 'w', 'a', 'p', 'any', 'g', '_x', 'zz'),
      values,
    )
    check(
      property(rows, (fields) => {
        const row = { ...fields, id: 'r' }
        const written = form.encode(row, 'v1')
        if (written === undefined || !form.reproduces(written, row)) return
        expect(form.encode(throughJson(row), 'v1')).toStrictEqual(written)
      }),
      { numRuns: 1000 },
    )
  })

  it('never fails and never changes Object.prototype, whatever is stored', () => {
    const paths = array(
      constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'a', 'l', '0', '99999999', 'length'),
      { minLength: 1, maxLength: 4 },
    ).map((steps) => steps.join('.'))
    const bodies = oneof(
      string(),
      jsonValue().map((value) => JSON.stringify(value)),
      dictionary(oneof(paths, key), oneof(oddText, jsonValue())).map((value) => JSON.stringify(value)),
    )
    const any = record({
      entries: metadata,
      body: bodies,
      behavior: constantFrom('body-overflow', 'body-only', 'user-managed', 'unheard-of'),
      map: option(oddText, { nil: undefined }),
    })
    check(
      property(any, ({ entries, body, behavior, map }) => {
        const stored = object({ ...entries, _overflow: 'true', _map: map }, body)
        const odd = storedForm({ ...definition, behavior })
        const row = odd.decode(stored, 'r')
        expect(odd.reason(stored) === undefined).toBe(row !== undefined)
        expect(odd.reproduces(stored, row ?? { id: 'r' })).toBe(false)
        odd.rekey(stored, form)
        expect(Object.keys(Object.prototype)).toStrictEqual([])
        expect(Reflect.get({}, 'polluted')).toBeUndefined()
        expect(Object.keys(Object.prototype.toString)).toStrictEqual([])
      }),
      { numRuns: 500 },
    )
  })
})
