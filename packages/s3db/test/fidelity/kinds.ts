import fc from 'fast-check'
import type { Attributes, Resource } from '../databases.js'

/** A row of the table: what an attribute is, and values that people may put into it. */
export interface Kind {
  readonly name: string
  readonly attribute: unknown
  readonly values: fc.Arbitrary<unknown>
  /** How many values are tried in each cell. Fewer where s3db.js needs long for each. */
  readonly tries: number
  /** What is done with a record once it is inserted. */
  readonly afterwards?: (resource: Resource, id: string, value: unknown) => Promise<unknown>
}

const optional = (type: string) => `${type}|optional`

const kind = (name: string, attribute: unknown, values: fc.Arbitrary<unknown>, tries = 4): Kind => ({
  name,
  attribute,
  values,
  tries,
})

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length })
const octet = fc.nat(255)
const instant = fc.date({
  min: new Date('1900-01-01T00:00:00Z'),
  max: new Date('2199-12-31T00:00:00Z'),
  noInvalidDate: true,
})
/** Values that can stand in JSON, small ones. */
const jsonObject = fc.dictionary(
  fc.string({ unit: fc.constantFrom(...'abcxyz_é'), minLength: 1, maxLength: 6 }),
  fc.jsonValue({ maxDepth: 2 }),
  { maxKeys: 4 },
)
const shortText = fc.string({ unit: 'grapheme', maxLength: 20 })
const inParts = (...parts: fc.Arbitrary<unknown>[]) => fc.tuple(...parts)

const texts: Kind[] = [
  kind('string', optional('string'), fc.string({ maxLength: 80 })),
  kind('string, any Unicode', optional('string'), fc.string({ unit: 'grapheme', maxLength: 40 })),
  kind(
    'string, emoji',
    optional('string'),
    fc
      .array(fc.constantFrom('😀', '👨‍👩‍👧‍👦', '🇧🇷', '🏳️‍🌈', 'é', '日本'), { maxLength: 12 })
      .map((all) => all.join('')),
  ),
  kind(
    'string, lone surrogates',
    optional('string'),
    fc.constantFrom('\ud800', 'a\udfffb', '\udc00\ud800', 'x\ud83dy', 'é\ud800日本語'),
  ),
  kind('string, control characters', optional('string'), fc.string({ unit: 'binary', maxLength: 20 })),
  kind(
    'string that looks like something else',
    optional('string'),
    fc.constantFrom(
      ...[
        'null',
        'undefined',
        'true',
        '0',
        '{"a":1}',
        '[1,2]',
        '{bad',
        '[object Object]',
        'b:xx',
        'd:j',
        'u:%41',
      ],
      ...['https://www.example.com', 'application/json', ' edge ', 'a|b\\c', '__proto__', '$overflow'],
    ),
  ),
  kind('string: empty, null or absent', optional('string'), fc.constantFrom('', null, undefined)),
  kind(
    'email',
    optional('email'),
    fc.emailAddress().filter((text) => /^[\w.]+@[\w-]+(\.[\w-]+)+$/.test(text)),
  ),
  kind(
    'url',
    optional('url'),
    fc.webPath().map((path) => `https://www.example.com${path}`),
  ),
  kind('enum', { type: 'enum', values: ['a', 'é', '0'], optional: true }, fc.constantFrom('a', 'é', '0')),
  kind('text', { type: 'text', optional: true }, shortText),
]

const numbers: Kind[] = [
  kind('number', optional('number'), fc.double({ noNaN: true, noDefaultInfinity: true })),
  kind(
    'number at the edges',
    optional('number'),
    fc.constantFrom(
      ...[0, -0, 1, -1, 0.1, -0.25, 1e-3, 1e-7, 1e21, Number.MAX_VALUE, Number.MIN_VALUE],
      ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, Number.EPSILON],
    ),
  ),
  kind('number, infinite', optional('number'), fc.constantFrom(Infinity, -Infinity)),
  kind('integer', optional('number|integer:true'), fc.maxSafeInteger()),
  kind(
    'number, defined as an object',
    { type: 'number', optional: true },
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  ),
  kind(
    'money',
    optional('money'),
    fc.nat(1_000_000_000).map((cents) => cents / 100),
  ),
  kind(
    'money with 4 decimals',
    optional('money:4'),
    fc.nat(1_000_000_000).map((units) => units / 10_000),
  ),
  kind(
    'crypto',
    optional('crypto'),
    fc.nat(2_000_000_000).map((units) => units / 1e8),
  ),
  kind('decimal', optional('decimal:4'), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
  kind('boolean', optional('boolean'), fc.constantFrom(true, false, null, undefined)),
]

const times: Kind[] = [
  kind('date', optional('date'), instant),
  kind(
    'datetime',
    optional('datetime'),
    instant.map((date) => date.toISOString()),
  ),
  kind(
    'dateonly',
    optional('dateonly'),
    instant.map((date) => date.toISOString().slice(0, 10)),
  ),
  kind(
    'timeonly',
    optional('timeonly'),
    instant.map((date) => date.toISOString().slice(11, 19)),
  ),
  kind(
    'duration',
    optional('duration'),
    inParts(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 1, max: 59 })).map(([h, m]) => `PT${h}H${m}M`),
  ),
  kind(
    'cron',
    optional('cron'),
    fc.integer({ min: 1, max: 59 }).map((minute) => `${minute} * * * *`),
  ),
]

const structures: Kind[] = [
  kind('json', optional('json'), jsonObject),
  kind('object', optional('object'), jsonObject),
  kind('array of strings', optional('array|items:string'), fc.array(shortText, { maxLength: 6 })),
  kind(
    'array of strings with separators',
    optional('array|items:string'),
    fc.array(fc.constantFrom('|', '\\', 'a|b', 'c\\|d', '', 'é'), { maxLength: 6 }),
  ),
  kind(
    'array of numbers',
    optional('array|items:number'),
    fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 6 }),
  ),
  kind(
    'array of numbers near zero',
    optional('array|items:number'),
    fc.array(fc.constantFrom(1e-7, -3e-9, 1.5), { minLength: 1, maxLength: 3 }),
  ),
  kind(
    'array of integers',
    optional('array|items:number|integer:true'),
    fc.array(fc.integer(), { maxLength: 6 }),
  ),
  kind('array of objects', optional('array|items:object'), fc.array(jsonObject, { maxLength: 3 })),
  kind(
    'array of anything',
    optional('array'),
    fc.array(fc.oneof(fc.integer(), shortText, fc.array(fc.integer(), { maxLength: 2 })), { maxLength: 4 }),
  ),
  kind(
    'nested',
    {
      $$type: 'object|optional',
      bio: optional('string'),
      age: optional('number'),
      tags: optional('array|items:string'),
      deep: { $$type: 'object|optional', x: optional('string'), at: optional('datetime') },
    },
    fc.record(
      {
        bio: shortText,
        age: fc.integer(),
        tags: fc.array(fc.string({ unit: fc.constantFrom(...'ab|'), minLength: 1, maxLength: 3 }), {
          minLength: 1,
          maxLength: 3,
        }),
        deep: fc.record(
          { x: shortText, at: instant.map((date) => date.toISOString()) },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    ),
  ),
  kind(
    'nested, with keys that are not defined',
    { $$type: 'object|optional', bio: optional('string') },
    fc.record({ bio: shortText, extra: shortText }),
  ),
  kind('any', optional('any'), fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 10 }))),
  kind(
    'embedding',
    optional('embedding:4'),
    fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
  ),
  kind(
    'vector',
    optional('vector:4'),
    fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
  ),
  kind('geo:lat', optional('geo:lat'), fc.double({ min: -90, max: 90, noNaN: true })),
  kind('geo:lon', optional('geo:lon'), fc.double({ min: -180, max: 180, noNaN: true })),
  kind(
    'geo:point',
    optional('geo:point'),
    fc.record({
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
      lon: fc.double({ min: -180, max: 180, noNaN: true }),
    }),
  ),
]

const identifiers: Kind[] = [
  kind('uuid', optional('uuid'), fc.uuid()),
  kind(
    'ip4',
    optional('ip4'),
    inParts(octet, octet, octet, octet).map((parts) => parts.join('.')),
  ),
  kind(
    'ip6',
    optional('ip6'),
    fc.ipV6().filter((text) => !text.includes('.')),
  ),
  kind(
    'mac',
    optional('mac'),
    fc.array(hex(2), { minLength: 6, maxLength: 6 }).map((parts) => parts.join(':')),
  ),
  kind(
    'cidr',
    optional('cidr'),
    inParts(octet, octet, octet, fc.nat(32)).map(([a, b, c, bits]) => `${a}.${b}.${c}.0/${bits}`),
  ),
  kind(
    'semver',
    optional('semver'),
    inParts(fc.nat(99), fc.nat(99), fc.nat(99)).map((parts) => parts.join('.')),
  ),
  kind(
    'phone',
    optional('phone'),
    digits(8).map((number) => `+5511${number}`),
  ),
  kind(
    'color',
    optional('color'),
    hex(6).map((value) => `#${value}`),
  ),
]

const sealed: Kind[] = [
  kind('secret', optional('secret'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), 1),
  kind('secret, null or absent', optional('secret'), fc.constantFrom(null, undefined), 1),
  kind('secretNumber', optional('secretNumber'), fc.integer(), 1),
  kind('password', optional('password'), fc.string({ minLength: 8, maxLength: 20 }), 1),
]

const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((value) => Buffer.from(value))

const binaries: Kind[] = [
  kind('buffer', optional('buffer'), bytes),
  kind(
    'bits',
    optional('bits:8'),
    fc.uint8Array({ minLength: 1, maxLength: 1 }).map((value) => Buffer.from(value)),
  ),
  {
    ...kind('content set with setContent', optional('string'), fc.tuple(shortText, bytes)),
    afterwards: (resource, id, value) =>
      resource.setContent({
        id,
        buffer: Array.isArray(value) ? value[1] : Buffer.alloc(0),
        contentType: 'image/png',
      }),
  },
  {
    ...kind(
      'content that looks like a record',
      optional('string'),
      fc.constantFrom('{"0":"x"}', '{"v":"y","t":[1]}'),
    ),
    afterwards: (resource, id, value) =>
      resource.setContent({ id, buffer: Buffer.from(String(value)), contentType: 'application/json' }),
  },
]

const filled = (length: number) =>
  fc
    .constantFrom('x', 'é', '日', '😀')
    .map((character) => character.repeat(Math.ceil(length / Buffer.byteLength(character))))

const large: Kind[] = [
  kind('record over 2 KB', optional('string'), filled(6_000), 2),
  kind('record over 1 MB', optional('string'), filled(1_100_000), 1),
]

export const kinds: readonly Kind[] = [
  ...texts,
  ...numbers,
  ...times,
  ...structures,
  ...identifiers,
  ...sealed,
  ...binaries,
  ...large,
]

export const behaviors = [
  'user-managed',
  'enforce-limits',
  'truncate-data',
  'body-overflow',
  'body-only',
] as const

export type Behavior = (typeof behaviors)[number]

export function attributesOf(kind: Kind): Attributes {
  return { v: kind.attribute } as Attributes
}

/** What is inserted for a value; of a pair only the first is the attribute's. */
export function recordOf(kind: Kind, value: unknown): Record<string, unknown> {
  const own = kind.name === 'content set with setContent' && Array.isArray(value) ? value[0] : value
  return own === undefined ? {} : { v: own }
}
