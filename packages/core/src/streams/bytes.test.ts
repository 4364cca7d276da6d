import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inPieces, toArray, toBytes, watched } from '../../test/streams.js'
import { collect, drain, grouped, once, rechunk } from './bytes.js'

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 })

describe('rechunk', () => {
  it('keeps every byte and makes all chunks but the last exactly as long as asked', async () => {
    const law = fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      sizes,
      fc.integer({ min: 1, max: 64 }),
      async (bytes, pieces, size) => {
        const chunks = await toArray(rechunk(inPieces(bytes, pieces), size))
        expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
        expect(chunks.slice(0, -1).every((chunk) => chunk.byteLength === size)).toBe(true)
        expect(chunks.every((chunk) => chunk.byteLength > 0 && chunk.byteLength <= size)).toBe(true)
      },
    )
    await fc.assert(law)
  })

  it('passes over empty chunks', async () => {
    const empty = new Uint8Array(0)
    const chunks = await toArray(
      rechunk(watched([empty, Buffer.from('ab'), empty, Buffer.from('c'), empty]), 2),
    )
    expect(chunks.map(String)).toEqual(['ab', 'c'])
  })

  it('yields nothing for nothing', async () => {
    expect(await toArray(rechunk(watched<Uint8Array>([]), 10))).toEqual([])
  })

  it('lets the source finish when the reader stops early', async () => {
    const source = watched([Buffer.alloc(5), Buffer.alloc(5)])
    for await (const _ of rechunk(source, 2)) break
    expect(source.finished()).toBe(true)
  })
})

it('grouped makes the groups that rechunk makes chunks of, and copies nothing', async () => {
  const law = fc.asyncProperty(
    fc.uint8Array({ maxLength: 300 }),
    sizes,
    fc.integer({ min: 1, max: 64 }),
    async (bytes, pieces, size) => {
      const groups = await toArray(grouped(inPieces(bytes, pieces), size))
      const chunks = await toArray(rechunk(inPieces(bytes, pieces), size))
      expect(groups.map((group) => Buffer.concat(group))).toEqual(chunks)
      const given = await toArray(inPieces(bytes, pieces))
      const buffers = new Set(given.map(({ buffer }) => buffer))
      expect(groups.flat().every((piece) => buffers.has(piece.buffer))).toBe(true)
    },
  )
  await fc.assert(law)
})

describe('collect', () => {
  it('joins the chunks', async () => {
    const law = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), sizes, async (bytes, pieces) => {
      const whole = await collect(inPieces(bytes, pieces), bytes.byteLength, 'it')
      expect(Buffer.from(whole).equals(bytes)).toBe(true)
    })
    await fc.assert(law)
  })

  it('stops reading as soon as there is more than allowed', async () => {
    const source = watched([Buffer.alloc(5), Buffer.alloc(5), Buffer.alloc(5)])
    await expect(collect(source, 9, 'The manifest')).rejects.toMatchObject({
      code: 'corrupt',
      message: 'The manifest is larger than the 9 bytes it may have',
    })
    expect(source.finished()).toBe(true)
  })
})

it('once is a stream of one chunk', async () => {
  expect(String(await toBytes(once(Buffer.from('abc'))))).toBe('abc')
})

it('drain reads to the end', async () => {
  const source = watched([1, 2])
  await drain(source)
  expect(source.finished()).toBe(true)
})
