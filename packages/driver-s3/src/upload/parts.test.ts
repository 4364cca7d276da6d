import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bufferPool, cut } from './parts.js'

const partSize = 200_000

async function partsOf(chunks: readonly Uint8Array[]) {
  const pool = bufferPool(partSize, 2)
  let taken = 0
  const counting = {
    ...pool,
    take() {
      taken += 1
      return pool.take()
    },
  }
  const body = async function* () {
    yield* chunks
  }
  const parts: Buffer[] = []
  const lasts: boolean[] = []
  for await (const { number, bytes, buffer, last } of cut(body(), counting)) {
    expect(number).toBe(parts.push(Buffer.from(bytes)))
    lasts.push(last)
    if (!last) pool.give(buffer)
  }
  return { parts, lasts, taken }
}

const counted = (length: number, from: number) => Uint8Array.from({ length }, (_, at) => (from + at) % 251)

it('a body is cut into parts of one size, and only the last may be shorter', async () => {
  const sizes = fc.oneof(
    fc.nat(200),
    fc.nat(300_000),
    fc.constantFrom(65_535, 65_536, 65_537, 199_999, 200_000),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(sizes, { maxLength: 8 }), async (lengths) => {
      const chunks = lengths.map((length, at) => counted(length, at * 7))
      const whole = Buffer.concat(chunks)
      const { parts, lasts } = await partsOf(chunks)
      expect(Buffer.concat(parts).equals(whole)).toBe(true)
      expect(parts.slice(0, -1).every(({ length }) => length === partSize)).toBe(true)
      expect(lasts).toEqual(parts.map((_, at) => at === parts.length - 1))
      expect(parts).toHaveLength(Math.max(1, Math.ceil(whole.length / partSize)))
    }),
  )
})

it('a small body takes no buffer of the size of a part', async () => {
  expect((await partsOf([counted(65_536, 0)])).taken).toBe(0)
  expect((await partsOf([counted(65_536, 0), counted(1, 0)])).taken).toBe(1)
})
