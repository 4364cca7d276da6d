import { createHash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { memoryDriver } from '../../test/memory-driver.js'
import { reading, writing } from '../../test/parts.js'
import { settle, thenSilence, toArray, toBytes } from '../../test/streams.js'
import { gzip } from '../codecs/gzip.js'
import { codecsById } from '../codecs/registry.js'
import type { Part } from '../manifest.js'
import { drain } from '../streams/bytes.js'
import { checkCodecs, readLines } from './part-reader.js'
import { partWriter } from './part-writer.js'
import { readStored } from './stored-part.js'

async function stored(lines: readonly string[], codecs = [gzip()]) {
  const driver = memoryDriver()
  const writer = partWriter(writing(driver, { codecs }), 'users', 'rows')
  await writer.write(lines)
  const [part] = await writer.close({ atLeastOne: true })
  const key = [...driver.objects.keys()][0]!
  return { driver, part: part!, key, bytes: driver.objects.get(key)! }
}

const some = ['{"id":"a","text":"\\u2028"}', '{"id":"b"}', '{"id":"c"}']

/** A part as a hostile or broken writer would describe it: its hashes are right. */
function describing(bytes: Uint8Array, more: Partial<Part> = {}): Part {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return {
    file: 'users.jsonl',
    resource: 'users',
    holds: 'rows',
    records: 1,
    bytes: bytes.byteLength,
    sha256,
    blocks: [sha256],
    blockBytes: 4 * 1024 * 1024,
    contentBytes: bytes.byteLength,
    longestLine: bytes.byteLength,
    codecs: [],
    ...more,
  }
}

const reads = async (bytes: Uint8Array, part: Part) => {
  const driver = memoryDriver({ objects: [['backup/users.jsonl', bytes]] })
  return (await toArray(readLines(reading(driver, [...codecsById().values()]), part))).flat()
}

describe('a part', () => {
  it('reads as it was written', async () => {
    const { driver, part } = await stored(some)
    const lines = (await toArray(readLines(reading(driver, [gzip()]), part))).flat()
    expect(lines).toEqual(some.map((line) => JSON.parse(line)))
  })

  it.each(['gzip', 'none'])('is corrupt when any byte of it is flipped, %s', async (compression) => {
    const { driver, part, key, bytes } = await stored(some, compression === 'gzip' ? [gzip()] : [])
    for (let at = 0; at < bytes.byteLength; at++) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 0x01
      driver.objects.set(key, flipped)
      await expect(drain(readStored(reading(driver), part)), `byte ${at}`).rejects.toMatchObject({
        code: 'corrupt',
      })
    }
  })

  it('is corrupt when it is truncated anywhere, or too long', async () => {
    const { driver, part, key, bytes } = await stored(some)
    for (let length = 0; length < bytes.byteLength; length++) {
      driver.objects.set(key, bytes.subarray(0, length))
      await expect(drain(readStored(reading(driver), part)), `cut to ${length}`).rejects.toMatchObject({
        code: 'corrupt',
      })
    }
    driver.objects.set(key, Buffer.concat([bytes, Buffer.from('x')]))
    await expect(drain(readStored(reading(driver), part))).rejects.toMatchObject({ code: 'corrupt' })
  })

  it('that is missing is not found', async () => {
    const { driver, part, key } = await stored(some)
    driver.objects.delete(key)
    await expect(drain(readStored(reading(driver), part))).rejects.toMatchObject({ code: 'corrupt' })
  })

  it('returns no altered block, and reports its position', async () => {
    const bytes = randomBytes(300)
    const hash = (from: number) =>
      createHash('sha256')
        .update(bytes.subarray(from, from + 100))
        .digest('hex')
    const part = describing(bytes, { blockBytes: 100, blocks: [hash(0), hash(100), hash(200)] })
    const damaged = Buffer.from(bytes)
    damaged[150]! ^= 1
    const driver = memoryDriver({ objects: [['backup/users.jsonl', damaged]] })
    const seen: Uint8Array[] = []
    const read = (async () => {
      for await (const chunk of readStored(reading(driver), part)) seen.push(chunk)
    })()
    await expect(read).rejects.toMatchObject({
      code: 'corrupt',
      message: 'full-1/users.jsonl is damaged: bytes 100 to 199 differ from what was written',
      metadata: {
        backupId: 'full-1',
        file: 'users.jsonl',
        resource: 'users',
        holds: 'rows',
        block: 1,
        from: 100,
        to: 200,
      },
    })
    expect(Buffer.concat(seen).equals(bytes.subarray(0, 100))).toBe(true)
  })

  it('ends with the reason when it is aborted while the storage is silent', async () => {
    const { driver, part, bytes } = await stored(some)
    const controller = new AbortController()
    const silent = { ...driver, get: () => thenSilence(bytes.subarray(0, 5)) }
    const read = toArray(readLines(reading(silent, [gzip()], controller.signal), part))
    await settle()
    const reason = new Error('stop')
    controller.abort(reason)
    await expect(read).rejects.toBe(reason)
  })
})

describe('a part whose entry is wrong is refused:', () => {
  const line = Buffer.from('{"id":"a"}\n')

  it.each<[string, Uint8Array, Partial<Part>]>([
    ['fewer lines', line, { records: 2 }],
    ['more lines', Buffer.from('1\n2\n'), { records: 1 }],
    ['a line that is no JSON', Buffer.from('{"id":\n'), {}],
    ['an empty line', Buffer.from('\n'), {}],
    ['a line longer than recorded', line, { longestLine: 9 }],
    ['more content than recorded', line, { contentBytes: 10 }],
    ['too few block hashes', line, { blocks: [] }],
    ['too many block hashes', line, { blocks: ['0'.repeat(64), '0'.repeat(64)] }],
    ['enormous blocks', line, { blockBytes: 2 ** 40 }],
    ['enormous sizes', line, { bytes: Number.MAX_SAFE_INTEGER }],
    ['a codec that was not used', line, { codecs: ['gzip'] }],
  ])('%s', async (_, bytes, more) => {
    await expect(reads(bytes, describing(bytes, more))).rejects.toMatchObject({ code: 'corrupt' })
  })

  it('a decompression bomb, before it has unfolded', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const before = process.memoryUsage().arrayBuffers
    const read = reads(bomb, describing(bomb, { codecs: ['gzip'], contentBytes: 1000, longestLine: 1000 }))
    await expect(read).rejects.toMatchObject({ code: 'corrupt' })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
  })
})

it('an unavailable codec is named before anything is read', () => {
  const driver = memoryDriver()
  const part = describing(Buffer.alloc(0), { codecs: ['gzip', 'rot13'] })
  expect(() => checkCodecs(reading(driver, [gzip()]), [part])).toThrow(
    expect.objectContaining({ code: 'unsupported', metadata: expect.objectContaining({ codec: 'rot13' }) }),
  )
  expect(driver.steps).toEqual([])
})

it('stored bytes are those of the object', async () => {
  const { driver, part, bytes } = await stored(some)
  expect((await toBytes(readStored(reading(driver), part))).equals(bytes)).toBe(true)
})
