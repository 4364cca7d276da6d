import fc from 'fast-check'

/** One change to some bytes. Places are fractions of the length, so that they fit whatever earlier changes left. */
type Change = (bytes: Uint8Array) => Uint8Array

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const at = (bytes: Uint8Array, fraction: number): number => Math.floor(bytes.byteLength * fraction)

/** Bytes that mean something to one of the readers: line ends, quotes, brackets, magic numbers, halves of characters. */
const telling = [
  ...[
    '\n',
    '\r\n',
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '-',
    'e',
    '\0',
    '\ufeff',
    '\u2028',
    '9'.repeat(30),
  ],
  ...['1e999', '-1', '0', '.5', 'null', 'true', '{}', '[]', '""', '"__proto__"', '..', '/', 's3db-backup/2'],
].map((text) => Buffer.from(text))
const tellingBytes = [
  [0xff],
  [0x80],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0x1f, 0x8b],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0x78, 0x9c],
]

const piece = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 12 }),
  fc.constantFrom(...telling, ...tellingBytes.map((bytes) => Buffer.from(bytes))),
)

const replaced = (bytes: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array =>
  Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)])

const flipBit = fc.tuple(place, fc.nat(7)).map(
  ([where, bit]): Change =>
    (bytes) => {
      const copy = Buffer.from(bytes)
      const index = at(bytes, where)
      copy[index] = (copy[index] ?? 0) ^ (1 << bit)
      return copy.subarray(0, bytes.byteLength)
    },
)
const truncate = place.map(
  (where): Change =>
    (bytes) =>
      bytes.subarray(0, at(bytes, where)),
)
const remove = fc.tuple(place, fc.nat(40)).map(
  ([where, length]): Change =>
    (bytes) => {
      const from = at(bytes, where)
      return replaced(bytes, from, from + length, Buffer.alloc(0))
    },
)
const insert = fc.tuple(place, piece).map(
  ([where, what]): Change =>
    (bytes) => {
      const from = at(bytes, where)
      return replaced(bytes, from, from, what)
    },
)
const overwrite = fc.tuple(place, piece).map(
  ([where, what]): Change =>
    (bytes) => {
      const from = at(bytes, where)
      return replaced(bytes, from, from + what.byteLength, what)
    },
)
const repeat = fc.tuple(place, place, place, fc.integer({ min: 1, max: 30 })).map(
  ([a, b, to, times]): Change =>
    (bytes) => {
      const [from, until] = [Math.min(at(bytes, a), at(bytes, b)), Math.max(at(bytes, a), at(bytes, b))]
      const what = Buffer.concat(Array.from({ length: times }, () => bytes.subarray(from, until)))
      return replaced(bytes, at(bytes, to), at(bytes, to), what.subarray(0, 100_000))
    },
)

/** The head of one valid input with the tail of another, also of another reader's kind. */
const spliceWith = (others: readonly Uint8Array[]) =>
  fc.tuple(place, place, fc.nat(Math.max(0, others.length - 1))).map(
    ([where, whence, which]): Change =>
      (bytes) => {
        const other = others[which] ?? bytes
        return Buffer.concat([bytes.subarray(0, at(bytes, where)), other.subarray(at(other, whence))])
      },
  )

/** One to four changes of some bytes, one after the other. */
export function byteMutation(others: readonly Uint8Array[]): fc.Arbitrary<Change> {
  const change = fc.oneof(
    { weight: 4, arbitrary: flipBit },
    { weight: 2, arbitrary: overwrite },
    truncate,
    remove,
    insert,
    repeat,
    spliceWith(others),
  )
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) => (bytes) => changes.reduce((changed, one) => one(changed), bytes))
}
