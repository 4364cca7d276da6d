import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inPieces, toArray, watched } from '../../test/streams.js'
import { fromLines, toLines } from './lines.js'

const plenty = 1_000_000

async function read(bytes: Uint8Array, sizes: readonly number[] = [], longest = plenty): Promise<string[]> {
  return (await toArray(fromLines(inPieces(bytes, sizes), longest, 'users'))).flat()
}

describe('lines', () => {
  it('come back unchanged, whatever they hold and however they are cut', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\r\n', '\u2028', '\u2029', '\ud800', '', '\0', '😀'),
    )
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 4 })
    const law = fc.asyncProperty(fc.array(value, { maxLength: 20 }), sizes, async (values, cut) => {
      const { bytes, records, longest } = toLines(values.map((text) => JSON.stringify(text)))
      expect(records).toBe(values.length)
      const lines = await read(bytes, cut, longest)
      expect(lines.map((line) => JSON.parse(line))).toEqual(values)
    })
    await fc.assert(law)
  })

  it('are not broken at a chunk border, even inside a character', async () => {
    const { bytes } = toLines(['{"name":"Zoë 日本 😀"}', '"a\u2028b\u2029c"'])
    for (let border = 1; border < bytes.byteLength; border++) {
      const cut = watched([bytes.subarray(0, border), bytes.subarray(border)])
      expect((await toArray(fromLines(cut, plenty, 'users'))).flat()).toEqual([
        '{"name":"Zoë 日本 😀"}',
        '"a\u2028b\u2029c"',
      ])
    }
  })

  it('may be 10 MB long', async () => {
    const long = JSON.stringify('é'.repeat(5_000_000))
    const { bytes, longest } = toLines(['1', long, '2'])
    const lines = await read(bytes, [65_536], longest)
    expect(lines.map((line) => line.length)).toEqual([1, long.length, 1])
    expect(lines[1] === long).toBe(true)
  })

  it('end with a line feed only; a carriage return stays part of the line', async () => {
    expect(await read(Buffer.from('a\r\nb\r\n'))).toEqual(['a\r', 'b\r'])
  })

  it('keep a byte order mark', async () => {
    expect(await read(Buffer.from('\ufeffa\n'))).toEqual(['\ufeffa'])
  })

  it('are none in empty content', async () => {
    expect(toLines([])).toEqual({ bytes: Buffer.alloc(0), records: 0, longest: 0 })
    expect(await read(Buffer.alloc(0))).toEqual([])
  })

  it.each([
    ['a last line that is not ended', Buffer.from('"a"\n"b"'), 'ends within a line'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xc3, 0x22, 0x0a]), 'is not UTF-8'],
    ['half a character at the end of a line', Buffer.from([0xf0, 0x9f, 0x98, 0x0a]), 'is not UTF-8'],
  ])('are corrupt for %s', async (_, bytes, why) => {
    for (const sizes of [[], [1], [2]]) {
      await expect(read(bytes, sizes)).rejects.toMatchObject({ code: 'corrupt', message: `users ${why}` })
    }
  })

  it('are corrupt when one is longer, in bytes, than was recorded', async () => {
    const { bytes, longest } = toLines(['"a"', '"ééé"', '"b"'])
    expect(longest).toBe(8)
    for (const sizes of [[], [1], [4], [100]]) {
      expect(await read(bytes, sizes, longest)).toHaveLength(3)
      await expect(read(bytes, sizes, longest - 1)).rejects.toMatchObject({ code: 'corrupt' })
    }
  })

  it('without an end are not collected beyond what was recorded', async () => {
    let chunks = 0
    const endless = async function* () {
      for (;;) {
        chunks += 1
        yield Buffer.alloc(1000, 'a')
      }
    }
    await expect(toArray(fromLines(endless(), 5000, 'users'))).rejects.toMatchObject({ code: 'corrupt' })
    expect(chunks).toBe(6)
  })

  it('that could not be read back are not written', () => {
    expect(() => toLines(['12345'], 4)).toThrow(expect.objectContaining({ code: 'unsupported' }))
    expect(toLines(['12345'], 5).longest).toBe(5)
  })
})
