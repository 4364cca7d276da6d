import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inPieces, settle, thenSilence, thenThrows, toArray, toBytes, watched } from '../../test/streams.js'
import type { Codec, CodecContext } from '../ports/codec.js'
import { gzip } from './gzip.js'
import { brotli, deflate, zstd } from './stream-codecs.js'

const context: CodecContext = {
  backupId: 'full-1',
  file: 'users.jsonl',
  resource: 'users',
  signal: new AbortController().signal,
}

const codecs: readonly (readonly [string, Codec, (bytes: Uint8Array) => Buffer])[] = [
  ['gzip', gzip(), gunzipSync],
  ['deflate', deflate(), inflateSync],
  ['brotli', brotli(), brotliDecompressSync],
  ['zstd', zstd(), zstdDecompressSync],
]

const pieces = fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 4 })
const small = Buffer.from('{"id":"a","name":"Zoë"}\n'.repeat(20))

describe.each(codecs)('%s', (id, codec, decodeSync) => {
  const encoded = (bytes: Uint8Array) => toBytes(codec.encode(inPieces(bytes, []), context))
  const decoded = (bytes: Uint8Array) => toBytes(codec.decode(inPieces(bytes, [200, 65_536]), context))

  it('restores any bytes, however both sides are cut into chunks', async () => {
    const law = fc.asyncProperty(
      fc.uint8Array({ maxLength: 2000 }),
      pieces,
      pieces,
      async (bytes, before, after) => {
        const stored = await toBytes(codec.encode(inPieces(bytes, before), context))
        const back = await toBytes(codec.decode(inPieces(stored, after), context))
        expect(back.equals(bytes)).toBe(true)
      },
    )
    await fc.assert(law, { numRuns: 50 })
  })

  it('decodes more than it holds at once', async () => {
    const large = Buffer.concat([randomBytes(3_000_000), Buffer.alloc(3_000_000)])
    const stored = await encoded(large)
    expect((await decoded(stored)).equals(large)).toBe(true)
    expect(decodeSync(stored).equals(large)).toBe(true)
  })

  it('is read by Node itself, however it was cut into chunks when it was written', async () => {
    for (const chunks of [[10], [1, 400], [200, 200], []]) {
      const stored = await toBytes(codec.encode(inPieces(small, chunks), context))
      expect(decodeSync(stored).equals(small)).toBe(true)
    }
  })

  it('encodes empty content to bytes that decode to empty content', async () => {
    const stored = await encoded(Buffer.alloc(0))
    expect(stored.byteLength).toBeGreaterThan(0)
    expect((await decoded(stored)).byteLength).toBe(0)
  })

  it('notices a cut at every byte', async () => {
    const stored = await encoded(small)
    for (let length = 0; length < stored.byteLength; length++) {
      await expect(decoded(stored.subarray(0, length)), `cut to ${length}`).rejects.toMatchObject({
        code: 'corrupt',
        metadata: { backupId: 'full-1', file: 'users.jsonl', codec: id },
      })
    }
  })

  it('notices bytes after its end', async () => {
    const stored = await encoded(small)
    for (const tail of ['x', '\0', 'garbage that is longer than a header']) {
      const longer = Buffer.concat([stored, Buffer.from(tail)])
      await expect(decoded(longer), JSON.stringify(tail)).rejects.toMatchObject({ code: 'corrupt' })
    }
  })

  it('reports corrupt, or gives other bytes, when a bit is flipped: never an unnamed error', async () => {
    const stored = await encoded(small)
    for (let bit = 0; bit < stored.byteLength * 8; bit++) {
      const damaged = Buffer.from(stored)
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      const outcome = await decoded(damaged).catch((error: unknown) => error)
      if (!(outcome instanceof Buffer))
        expect(outcome).toMatchObject({ name: 'BackupError', code: 'corrupt' })
    }
  })

  it('throws the error of its input unchanged', async () => {
    const failure = new Error('disk')
    await expect(toBytes(codec.encode(thenThrows(failure, small), context))).rejects.toBe(failure)
    await expect(toBytes(codec.decode(thenThrows(failure), context))).rejects.toBe(failure)
  })

  it.each(['encode', 'decode'] as const)(
    '%s throws the reason when aborted while the bytes are silent',
    async (way) => {
      const controller = new AbortController()
      const first = way === 'encode' ? small : await encoded(small)
      const reading = toBytes(codec[way](thenSilence(first), { ...context, signal: controller.signal }))
      await settle()
      const reason = new Error('stop')
      controller.abort(reason)
      await expect(reading).rejects.toBe(reason)
    },
  )

  it('lets the bytes finish when the reader stops early', async () => {
    const source = watched(Array.from({ length: 100 }, () => randomBytes(100_000)))
    for await (const _ of codec.encode(source, context)) break
    await settle()
    expect(source.finished()).toBe(true)
  })
})

describe('gzip', () => {
  const large = randomBytes(3_500_000)

  it('with several members is read by the command gunzip', async () => {
    const stored = await toBytes(gzip().encode(inPieces(large, [100_000]), context))
    const back = execFileSync('gunzip', ['-c'], { input: stored, maxBuffer: 10_000_000 })
    expect(back.equals(large)).toBe(true)
  })

  it('yields the members in order', async () => {
    const members = await toArray(gzip().encode(inPieces(large, [1_000_000]), context))
    expect(members.length).toBe(4)
    expect(Buffer.concat(members.map((member) => gunzipSync(member))).equals(large)).toBe(true)
  })
})

describe('a level that does not exist', () => {
  it.each([
    ['gzip', () => gzip({ level: 10 })],
    ['gzip', () => gzip({ level: Number.NaN })],
    ['deflate', () => deflate({ level: -2 })],
    ['brotli', () => brotli({ level: 12 })],
    ['zstd', () => zstd({ level: 0.5 })],
  ])('of %s is refused when the codec is made', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_options' }))
  })
})
