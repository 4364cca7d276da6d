import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inPieces, toArray, watched } from '../../test/streams.js'
import { memberBuffers } from './member-buffers.js'

describe('the buffers of members', () => {
  it('hold every byte once, however the bytes arrive and whichever buffers are used again', async () => {
    const law = fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 64 }),
      fc.infiniteStream(fc.boolean()),
      async (bytes, pieces, size, isGivenBack) => {
        const buffers = memberBuffers(size)
        for (let part = 0; part < 3; part++) {
          const copies: Uint8Array[] = []
          const held: { piece: Uint8Array; copy: Uint8Array }[] = []
          for await (const piece of buffers.fill(inPieces(bytes, pieces))) {
            copies.push(Buffer.from(piece))
            if (isGivenBack.next().value) buffers.giveBack(piece)
            else held.push({ piece, copy: Buffer.from(piece) })
          }
          expect(Buffer.concat(copies).equals(bytes)).toBe(true)
          expect(copies.slice(0, -1).every((copy) => copy.byteLength === size)).toBe(true)
          for (const { piece, copy } of held) expect(Buffer.compare(copy, piece)).toBe(0)
        }
      },
    )
    await fc.assert(law)
  })

  it('are reused once they were returned', async () => {
    const buffers = memberBuffers(4)
    const seen = new Set<ArrayBufferLike>()
    for await (const piece of buffers.fill(inPieces(Buffer.alloc(40), [3]))) {
      seen.add(piece.buffer)
      buffers.giveBack(piece)
    }
    expect(seen.size).toBe(1)
  })

  it('yield nothing for empty input, and let the source finish when the reader stops early', async () => {
    const buffers = memberBuffers(2)
    expect(await toArray(buffers.fill(watched<Uint8Array>([])))).toEqual([])
    const source = watched([Buffer.alloc(5), Buffer.alloc(5)])
    for await (const _ of buffers.fill(source)) break
    expect(source.finished()).toBe(true)
  })
})
