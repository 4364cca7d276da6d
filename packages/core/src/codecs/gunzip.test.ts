import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { collect } from '../streams/bytes.js'
import { gunzip } from './gunzip.js'

const signal = new AbortController().signal

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

const unpack = (bytes: Uint8Array, size = 1000) =>
  collect(gunzip(inPieces(bytes, size), signal), 2 ** 24, 'bytes')

describe('gzip of a few bytes is decoded like gzip of many', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a few bytes', Buffer.from('a few bytes')],
    ['as much as is unpacked in one go', Buffer.alloc(2 ** 20, 'x')],
    ['a byte more than that', Buffer.alloc(2 ** 20 + 1, 'x')],
    ['much content of few bytes', Buffer.alloc(2 ** 23, 'x')],
    ['many bytes', Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * at * 31 + (at >> 3)) & 255))],
  ])('%s', async (_what, content) => {
    expect(Buffer.compare(await unpack(gzipSync(content, { level: 1 })), content)).toBe(0)
  })

  test('several members, of which the last is small', async () => {
    const members = [Buffer.alloc(90_000, 'a'), Buffer.alloc(30, 'b'), Buffer.alloc(0), Buffer.from('c')]
    const bytes = Buffer.concat(members.map((member) => gzipSync(member)))
    expect(Buffer.compare(await unpack(bytes), Buffer.concat(members))).toBe(0)
  })

  test.each([
    ['an end that is missing', gzipSync('content').subarray(0, -3)],
    ['a bit that was flipped', gzipSync('content').fill(0xff, 12, 13)],
    ['zeros behind the end', Buffer.concat([gzipSync('content'), Buffer.alloc(2)])],
    ['other bytes behind the end', Buffer.concat([gzipSync('content'), Buffer.from('xx')])],
    ['no bytes at all', Buffer.alloc(0)],
  ])('%s is an error of zlib', async (_what, bytes) => {
    await expect(unpack(bytes)).rejects.toMatchObject({ code: expect.stringMatching(/^Z_/) })
  })
})

test('a reader that stops after the first content closes the source', async () => {
  let ended = false
  async function* source() {
    try {
      const bytes = gzipSync(
        Buffer.from(Array.from({ length: 2 ** 20 }, () => Math.floor(Math.random() * 256))),
      )
      yield* inPieces(bytes, 70_000)
    } finally {
      ended = true
    }
  }
  for await (const _ of gunzip(source(), signal)) break
  await expect.poll(() => ended).toBe(true)
})
