import { compareIds } from '@s3db-backup/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { packedFiles } from './packed-files.js'

/** As a system gives them: any text but half surrogates, which no UTF-8 has. */
const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', 'a', 'aa', 'é', 'e\u0301', '\uff5e', '\u{1f600}', 'x'.repeat(5000)),
)
const file = fc.record({ name, modified: fc.nat(2 ** 31), bytes: fc.nat(2 ** 31) })

it('gives files by the bytes of their names, and of each name the one that was added last', () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 40 }), name, (files, wanted) => {
      const packed = packedFiles()
      for (const { name, modified, bytes } of files) packed.add(name, modified, bytes)
      const last = new Map(files.map((each) => [each.name, each]))
      const expected = [...last.values()].sort((a, b) => compareIds(a.name, b.name))
      const sorted = packed.sorted()
      const found = Array.from({ length: sorted.size }, (_, at) => ({
        name: sorted.nameAt(at),
        modified: sorted.modifiedAt(at),
        bytes: sorted.bytesAt(at),
      }))
      expect(found).toEqual(expected)
      expect(sorted.countBefore(wanted)).toBe(
        expected.filter((each) => compareIds(each.name, wanted) < 0).length,
      )
    }),
    { numRuns: 500 },
  )
})

it('holds more files than it has room for at first, with times and sizes of any magnitude', () => {
  const packed = packedFiles()
  const modifiedOf = (at: number) => 1_700_000_000_000 + at
  for (let at = 4999; at >= 0; at--)
    packed.add(`id=${String(at).padStart(6, '0')}`, modifiedOf(at), at * 2 ** 33)
  const sorted = packed.sorted()
  expect(sorted.size).toBe(5000)
  for (const at of [0, 1023, 1024, 2048, 4999]) {
    expect(sorted.nameAt(at)).toBe(`id=${String(at).padStart(6, '0')}`)
    expect(sorted.modifiedAt(at)).toBe(modifiedOf(at))
    expect(sorted.bytesAt(at)).toBe(at * 2 ** 33)
  }
})
