import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { inPieces, toBytes } from '../../test/streams.js'
import { blockBytes, measure } from './measure.js'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

it.each([0, 1, blockBytes - 1, blockBytes, blockBytes + 1, 2 * blockBytes + 5])(
  'counts and hashes %d bytes, as a whole and block by block',
  async (size) => {
    const bytes = Buffer.alloc(size, 'content ')
    const measured = measure()
    const passed = await toBytes(measured.pass(inPieces(bytes, [1_000_003, 64_000])))
    expect(passed.equals(bytes)).toBe(true)
    const { bytes: counted, sha256: whole, blocks } = measured.result()
    expect(counted).toBe(size)
    expect(whole).toBe(sha256(bytes))
    const expected = Array.from({ length: Math.ceil(size / blockBytes) }, (_, i) =>
      sha256(bytes.subarray(i * blockBytes, (i + 1) * blockBytes)),
    )
    expect(blocks).toEqual(expected)
  },
)
