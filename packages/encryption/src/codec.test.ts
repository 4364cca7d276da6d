import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isBackupError } from '@s3db-backup/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sized } from '../../../tooling/test/sized.ts'
import { backupCodec } from './codec.js'

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

/** Bytes in buffers that something still holds; when garbage is collected of itself nobody can say. */
function inUse(): number {
  if (typeof collectGarbage !== 'function') throw new Error('the garbage collector cannot be called')
  // Another thread frees the buffers; the second collection begins when that has ended.
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

const key = randomBytes(32)
const context = {
  backupId: 'full-1',
  file: 'users.jsonl.gz.enc',
  resource: 'users',
  signal: new AbortController().signal,
}
const small = backupCodec(key, { frameBytes: 16 })

async function* inPieces(bytes: Uint8Array, sizes: readonly number[] = []): AsyncGenerator<Uint8Array> {
  let from = 0
  for (const size of sizes) {
    yield bytes.subarray(from, from + size)
    from += size
  }
  yield bytes.subarray(from)
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const chunk of chunks) pieces.push(chunk)
  return Buffer.concat(pieces)
}

/** What came out before the end or the error. */
async function outcome(chunks: AsyncIterable<Uint8Array>): Promise<{ released: Buffer; error: unknown }> {
  const pieces: Uint8Array[] = []
  try {
    for await (const chunk of chunks) pieces.push(chunk)
  } catch (error) {
    return { released: Buffer.concat(pieces), error }
  }
  return { released: Buffer.concat(pieces), error: undefined }
}

const refusal = (error: unknown) => (isBackupError(error) ? error : undefined)

describe('a part', () => {
  test('round-trips, in whatever chunks it is written and read', async () => {
    const sizes = fc.array(fc.nat(40), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), sizes, sizes, async (bytes, writing, reading) => {
        const stored = await all(small.encode(inPieces(bytes, writing), context))
        expect(await all(small.decode(inPieces(stored, reading), context))).toEqual(Buffer.from(bytes))
      }),
      { numRuns: 60 },
    )
  })

  test('round-trips at any length around the frame boundaries', async () => {
    for (const length of [0, 1, 15, 16, 17, 31, 32, 33, 160]) {
      const bytes = randomBytes(length)
      const stored = await all(small.encode(inPieces(bytes), context))
      expect(await all(small.decode(inPieces(stored), context))).toEqual(bytes)
    }
  })

  test('differs every time, and reveals nothing of its content and its resource', async () => {
    const bytes = Buffer.from('the same secret content, several frames of it')
    const [one, two] = [
      await all(small.encode(inPieces(bytes), context)),
      await all(small.encode(inPieces(bytes), context)),
    ]
    expect(one.equals(two)).toBe(false)
    expect(one.includes('secret')).toBe(false)
    const named = await all(
      small.encode(inPieces(bytes), { ...context, file: 'part-1.enc', resource: 'patients' }),
    )
    expect(named.includes('patients')).toBe(false)
  })
})

describe('a part that was tampered with', () => {
  const bytes = Buffer.from('{"id":"a","balance":100}\n{"id":"b","balance":200}\n')

  test('is refused at every altered byte, and nothing wrong is released before', async () => {
    const stored = await all(small.encode(inPieces(bytes), context))
    for (let position = 0; position < stored.byteLength; position++) {
      const altered = Buffer.from(stored)
      altered.writeUInt8(altered.readUInt8(position) ^ (1 << (position % 8)), position)
      const { released, error } = await outcome(small.decode(inPieces(altered), context))
      expect(refusal(error)?.code, `byte ${position}`).toBe('corrupt')
      expect(bytes.subarray(0, released.byteLength).equals(released), `byte ${position}`).toBe(true)
    }
  })

  test('is refused at every altered byte even if it arrives a byte at a time', async () => {
    const stored = await all(small.encode(inPieces(bytes.subarray(0, 20)), context))
    const single = Array.from(stored, () => 1)
    for (let position = 0; position < stored.byteLength; position += 3) {
      const altered = Buffer.from(stored)
      altered.writeUInt8(altered.readUInt8(position) ^ 0x80, position)
      const { error } = await outcome(small.decode(inPieces(altered, single), context))
      expect(refusal(error)?.code, `byte ${position}`).toBe('corrupt')
    }
  })

  test('is refused when truncated anywhere, even between two frames', async () => {
    const stored = await all(small.encode(inPieces(bytes), context))
    for (let length = 0; length < stored.byteLength; length++) {
      const { released, error } = await outcome(small.decode(inPieces(stored.subarray(0, length)), context))
      expect(refusal(error)?.code, `${length} bytes`).toBe('corrupt')
      expect(bytes.subarray(0, released.byteLength).equals(released)).toBe(true)
    }
  })

  test('is refused when anything was appended, even a whole second part', async () => {
    const stored = await all(small.encode(inPieces(bytes), context))
    for (const more of [Buffer.from([0]), stored]) {
      const { error } = await outcome(small.decode(inPieces(Buffer.concat([stored, more])), context))
      expect(refusal(error)?.message).toContain('appended')
    }
  })

  test('is refused when frames were swapped, dropped or repeated, and the message says which and where', async () => {
    const stored = await all(small.encode(inPieces(bytes), context))
    const frame = 4 + 12 + 16 + 16
    const body = stored.byteLength - (3 * frame + 4 + 4 + 12 + 4 + (bytes.byteLength % 16) + 16)
    const [header, one, two, rest] = [
      stored.subarray(0, body),
      stored.subarray(body, body + frame),
      stored.subarray(body + frame, body + 2 * frame),
      stored.subarray(body + 2 * frame),
    ]
    const forged = [
      [header, two, one, rest],
      [header, two, rest],
      [header, one, one, two, rest],
      [header, one, rest],
    ]
    for (const pieces of forged) {
      const { error } = await outcome(small.decode(inPieces(Buffer.concat(pieces)), context))
      expect(refusal(error)?.code).toBe('corrupt')
    }
    const altered = Buffer.from(stored)
    altered.writeUInt8(altered.readUInt8(body + frame + 20) ^ 1, body + frame + 20)
    const { released, error } = await outcome(small.decode(inPieces(altered), context))
    expect(released).toEqual(bytes.subarray(0, 16))
    expect(refusal(error)?.message).toContain('frame 2')
    expect(refusal(error)?.metadata).toMatchObject({ frame: 2, from: body + frame, to: body + 2 * frame - 1 })
  })

  test('is refused under another file, resource or backup, and the message says what it belongs to', async () => {
    const stored = await all(small.encode(inPieces(bytes), context))
    const places = [
      { file: 'orders.jsonl.gz.enc', says: '"file":"users.jsonl.gz.enc"' },
      { backupId: 'full-2', says: '"backupId":"full-1"' },
      { resource: 'orders', says: 'of another resource' },
      { resource: '', says: 'of another resource' },
    ]
    for (const { says, ...place } of places) {
      const { released, error } = await outcome(small.decode(inPieces(stored), { ...context, ...place }))
      expect(released.byteLength).toBe(0)
      expect(refusal(error)?.code).toBe('corrupt')
      expect(refusal(error)?.message).toContain(says)
    }
  })

  test('is refused when it was encrypted with another key', async () => {
    for (const resource of ['users', '']) {
      const stored = await all(backupCodec(randomBytes(32)).encode(inPieces(bytes), { ...context, resource }))
      const { error } = await outcome(small.decode(inPieces(stored), { ...context, resource }))
      expect(refusal(error)?.message).toContain('another key')
    }
  })

  test('is refused when its frames are too large', async () => {
    const stored = await all(
      backupCodec(key, { frameBytes: 2 * 1024 * 1024 }).encode(inPieces(bytes), context),
    )
    const { error } = await outcome(small.decode(inPieces(stored), context))
    expect(refusal(error)?.message).toContain('out of bounds')
  })

  test('is refused when it is not an encrypted part at all', async () => {
    for (const other of [Buffer.alloc(0), bytes, randomBytes(100_000)]) {
      const { error } = await outcome(small.decode(inPieces(other), context))
      expect(refusal(error)?.code).toBe('corrupt')
    }
  })
})

describe('the codec', () => {
  test('passes on the error of the source it reads from', async () => {
    const broken = new Error('the disk is gone')
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield randomBytes(100)
      throw broken
    }
    await expect(all(small.encode(failing(), context))).rejects.toBe(broken)
    const stored = await all(small.encode(inPieces(randomBytes(100)), context))
    async function* failingLater(): AsyncGenerator<Uint8Array> {
      yield stored.subarray(0, stored.byteLength - 30)
      throw broken
    }
    await expect(all(small.decode(failingLater(), context))).rejects.toBe(broken)
  })

  test('stops with the reason of the abort, even while its source says nothing', async () => {
    for (const work of [small.encode, small.decode]) {
      const abort = new AbortController()
      async function* silent(): AsyncGenerator<Uint8Array> {
        yield randomBytes(10)
        await new Promise(() => undefined)
      }
      const reading = all(work(silent(), { ...context, signal: abort.signal }))
      setTimeout(() => abort.abort(new Error('enough')), 5)
      await expect(reading).rejects.toThrow('enough')
    }
  })

  test('stops cleanly wherever the abort or the end of reading falls', async () => {
    const stored = await all(small.encode(inPieces(randomBytes(100)), context))
    const parts = [
      { work: small.encode, bytes: randomBytes(100) },
      { work: small.decode, bytes: stored },
    ]
    for (const { work, bytes } of parts) {
      const sizes = Array.from(bytes.subarray(0, -1), () => 1)
      for (let position = 0; position < bytes.byteLength; position += 7) {
        const abort = new AbortController()
        async function* source(): AsyncGenerator<Uint8Array> {
          let given = 0
          for await (const piece of inPieces(bytes, sizes)) {
            given += 1
            if (given === position) setImmediate(() => abort.abort(new Error('enough')))
            if (given > position) await new Promise((resolve) => setImmediate(resolve))
            yield piece
          }
        }
        const { error } = await outcome(work(source(), { ...context, signal: abort.signal }))
        expect(position === 0 ? 'enough' : error instanceof Error && error.message).toBe('enough')
      }
      for (let reads = 1; reads < 3; reads++) {
        let read = 0
        for await (const _ of work(inPieces(bytes), context)) if (++read === reads) break
        expect(read).toBe(reads)
      }
    }
  })

  test('lets the source finish when its reader stops early', async () => {
    let finished = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        while (true) yield randomBytes(1000)
      } finally {
        finished += 1
      }
    }
    for await (const chunk of small.encode(endless(), context)) if (chunk.byteLength > 0) break
    async function* stored(): AsyncGenerator<Uint8Array> {
      try {
        yield* small.encode(endless(), context)
      } finally {
        finished += 1
      }
    }
    for await (const chunk of small.decode(stored(), context)) if (chunk.byteLength > 0) break
    expect(finished).toBe(3)
  })

  test('holds a few frames at a time, however long the stream', async () => {
    const codec = backupCodec(key)
    const chunk = randomBytes(1024 * 1024)
    const total = sized({ quick: 100, full: 200 }) * chunk.byteLength
    const before = inUse()
    let given = 0
    let taken = 0
    let furthest = 0
    let most = 0
    async function* source(): AsyncGenerator<Uint8Array> {
      for (; given < total; given += chunk.byteLength) yield chunk
    }
    for await (const piece of codec.decode(codec.encode(source(), context), context)) {
      taken += piece.byteLength
      furthest = Math.max(furthest, given - taken)
      if (taken % (16 * chunk.byteLength) < piece.byteLength) most = Math.max(most, inUse() - before)
    }
    expect(taken).toBe(total)
    expect(furthest).toBeLessThanOrEqual(2 * chunk.byteLength)
    expect(most).toBeLessThan(64 * 1024 * 1024)
  })

  test('distinguishes genuine from altered readable bytes, separately for each purpose', () => {
    const bytes = Buffer.from('{"encrypted":true}')
    const tag = small.authenticate('manifest', bytes)
    expect(small.isAuthentic('manifest', bytes, tag)).toBe(true)
    expect(small.isAuthentic('manifest', Buffer.from('{"encrypted":false}'), tag)).toBe(false)
    expect(small.isAuthentic('index', bytes, tag)).toBe(false)
    expect(small.isAuthentic('manifest', bytes, '')).toBe(false)
    expect(backupCodec(randomBytes(32)).isAuthentic('manifest', bytes, tag)).toBe(false)
  })
})
