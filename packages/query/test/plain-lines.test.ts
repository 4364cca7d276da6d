import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Column, columnsOf } from '../src/columns/columns.js'
import { bytesAsText, plainLines } from '../src/staging/plain-lines.js'
import { lineStager } from '../src/staging/stage-line.js'

const attributes = {
  text: 'string',
  n: 'number',
  yes: 'boolean',
  at: 'datetime',
  day: 'dateonly',
  words: 'array|items:string',
  numbers: 'array|items:number',
  'é "(.*)" 😀': 'json',
}
const fields = Object.keys(attributes)
const columns = columnsOf({ name: 'odd', attributes, timestamps: false } as unknown as Parameters<
  typeof columnsOf
>[0])

const odd = fc.constantFrom<unknown>(
  ...[
    '',
    'é',
    '😀',
    '\ud800',
    '\\',
    '"',
    '\n',
    '\u2028',
    '\u0000',
    '/',
    'x'.repeat(50),
    '\\ud800',
    '"}\n{"id":"x"}',
  ],
  ...[
    0,
    -0.5,
    1e21,
    1e-7,
    1e300,
    5e-324,
    -1,
    123.456,
    true,
    false,
    null,
    [],
    {},
    [null],
    ['a', 'b\\'],
    [1, 2.5],
  ],
  ...[
    '2024-03-15T14:30:45.123Z',
    '2024-02-30',
    '2024-02-29',
    '2024-12-31',
    '0000-01-01',
    '2024-03-15T24:00:00Z',
  ],
  ...[[[[[1]]]], { a: { b: { c: [1, '}'] } } }, [{ x: ']' }, { y: [] }], { NaN: 1 }],
)
const value = fc.oneof(odd, fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }))
const record = fc
  .tuple(
    fc.string({ unit: 'grapheme', maxLength: 5 }),
    fc
      .subarray([...fields, 'unknown'], { minLength: 0 })
      .chain((some) => fc.tuple(...some.map((name) => value.map((item) => [name, item] as const)))),
  )
  .map(([id, entries]) => ({ id, ...Object.fromEntries(entries) }))

/** A pattern that has learnt the order of the definition. */
function learnt(misfits: ReadonlySet<Column>) {
  const plain = plainLines(columns, misfits)
  plain.learn(['id', ...fields])
  return plain
}

it('a plain line stays as it is, fits its columns, and ends where it ends', () => {
  let plainOnes = 0
  const law = fc.property(record, record, (one, other) => {
    const lines = [one, other].map((item) => JSON.stringify(item))
    const text = bytesAsText(`${lines.join('\n')}\n`)
    const plain = learnt(new Set())
    for (let from = 0, index = 0; from < text.length; index++) {
      const line = lines[index]!
      const end = text.indexOf('\n', from)
      const id = plain.idOf(text, from)
      if (id !== undefined) {
        plainOnes += 1
        const parsed = JSON.parse(line)
        const stager = lineStager(columns, { canonical: true })
        expect(id).toBe(bytesAsText(parsed.id))
        expect(plain.end()).toBe(end)
        expect(stager.stage({ text: line, value: parsed })).toBe(line)
        expect([...stager.misfits]).toEqual([])
      }
      from = end + 1
    }
  })
  fc.assert(law, { numRuns: 2000 })
  expect(plainOnes).toBeGreaterThan(50)
})

it('typical records are plain', () => {
  const plain = learnt(new Set())
  const line = (more: object) => bytesAsText(`${JSON.stringify({ id: 'ä1', ...more })}\n`)
  for (const more of [
    {},
    { text: 'São Paulo\n"quoted" \\ /' },
    { text: null, n: -12.5e-9, yes: false, at: '2024-12-31T23:59:59.999Z', day: '2024-02-28' },
    { words: ['a', 'é'], numbers: [0.1, -2], 'é "(.*)" 😀': { a: [{ b: { c: 1 } }], d: null } },
  ])
    expect(plain.idOf(line(more), 0), JSON.stringify(more)).toBe(bytesAsText('ä1'))
})

it('the order of the fields is learnt from the lines', () => {
  const plain = plainLines(columns, new Set())
  const text = '{"id":"a","yes":true,"n":1}\n'
  expect(plain.idOf(text, 0)).toBeUndefined()
  plain.learn(['id', 'yes', 'n'])
  expect(plain.idOf(text, 0)).toBe('a')
})

it('lines that are not plain take linear time', () => {
  const many = Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`f${index}`, 'json']))
  const wide = columnsOf({ name: 'wide', attributes: many, timestamps: false } as unknown as Parameters<
    typeof columnsOf
  >[0])
  const plain = plainLines(wide, new Set())
  plain.learn(['id', ...Object.keys(many)])
  for (const tail of ['"', '[[[[[[[[', '\\ud800"', `${'[{"a":'.repeat(2000)}`, `${'"a",'.repeat(20_000)}`]) {
    const line = `{"id":"a",${Object.keys(many)
      .map((name) => `"${name}":[1,2,{"x":"y"}]`)
      .join(',')},"z":[${tail}\n`
    expect(plain.idOf(line, 0)).toBeUndefined()
  }
})
