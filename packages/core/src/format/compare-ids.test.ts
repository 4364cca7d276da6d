import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compareIds } from './compare-ids.js'

const character = fc.constantFrom(
  'a',
  'b',
  '\0',
  '\u007f',
  '\u0080',
  'é',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '😀',
  '\u{10ffff}',
)
const id = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(character).map((all) => all.join('')),
)

it('ids are ordered by the bytes of their UTF-8', () => {
  const law = fc.property(id, id, (a, b) => {
    expect(Math.sign(compareIds(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
  })
  fc.assert(law, { numRuns: 1000 })
})
