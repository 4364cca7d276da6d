import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { zstdFrames } from './zstd-frames.js'

const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])

const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  // Blocks of one repeated byte, and more than one block.
  fc.integer({ min: 0, max: 400_000 }).map((length) => new Uint8Array(length).fill(7)),
)

it('a stream of whole frames is whole, in any pieces, and no beginning of its last frame is', () => {
  fc.assert(
    fc.property(
      content,
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      (bytes, first, size, at) => {
        const frame = zstdCompressSync(bytes)
        const stream = Buffer.concat([...(first ? [skippable] : []), frame])
        const isWhole = (end: number) => {
          const frames = zstdFrames()
          for (let from = 0; from < end; from += size)
            frames.add(stream.subarray(from, Math.min(end, from + size)))
          return frames.isWhole()
        }
        expect(isWhole(stream.byteLength)).toBe(true)
        expect(isWhole(stream.byteLength - 1 - (at % (frame.byteLength - 1)))).toBe(false)
      },
    ),
  )
})

it('nothing, and what is no frame, are not whole', () => {
  const frames = zstdFrames()
  expect(frames.isWhole()).toBe(false)
  frames.add(Buffer.from('no frame at all'))
  expect(frames.isWhole()).toBe(false)
})
