import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryDriver } from '../../test/memory-driver.js'
import { reading, writing } from '../../test/parts.js'
import { settle, toArray } from '../../test/streams.js'
import { gzip } from '../codecs/gzip.js'
import { BackupError } from '../errors.js'
import type { Driver } from '../ports/driver.js'
import { readLines } from './part-reader.js'
import { partWriter } from './part-writer.js'

const lines = (from: number, count: number) => Array.from({ length: count }, (_, i) => `{"id":"${from + i}"}`)

describe('a part', () => {
  it('matches its entry', async () => {
    const driver = memoryDriver()
    const keys: string[] = []
    const writer = partWriter(writing(driver, { onKey: (key) => keys.push(key) }), 'users', 'rows')
    await writer.write(['{"id":"a"}', '{"id":"é"}'])
    await writer.write([])
    await writer.write(['{"id":"c"}'])
    const parts = await writer.close()
    expect(String(driver.objects.get('backup/users.jsonl'))).toBe('{"id":"a"}\n{"id":"é"}\n{"id":"c"}\n')
    expect(parts).toMatchObject([
      {
        file: 'users.jsonl',
        resource: 'users',
        holds: 'rows',
        records: 3,
        bytes: 34,
        contentBytes: 34,
        longestLine: 11,
        codecs: [],
      },
    ])
    expect(keys).toEqual(['backup/users.jsonl'])
  })

  it('is encoded by each codec in turn, and its name says so', async () => {
    const driver = memoryDriver()
    const twice = [gzip(), { ...gzip(), id: 'again', suffix: '.again' }]
    const writer = partWriter(writing(driver, { codecs: twice }), 'users', 'rows')
    await writer.write(lines(0, 10))
    const [part] = await writer.close()
    expect(part).toMatchObject({ file: 'users.jsonl.gz.again', codecs: ['gzip', 'again'] })
    expect((await toArray(readLines(reading(driver, twice), part!))).flat()).toHaveLength(10)
  })

  it('without lines is stored only if asked for', async () => {
    const driver = memoryDriver()
    expect(await partWriter(writing(driver), 'users', 'raw').close()).toEqual([])
    expect(driver.objects.size).toBe(0)
    const [part] = await partWriter(writing(driver), 'users', 'rows').close({ atLeastOne: true })
    expect(part).toMatchObject({ file: 'users.jsonl', records: 0, bytes: 0, blocks: [] })
  })

  it('announces its key before its first byte', async () => {
    const events: string[] = []
    const driver = memoryDriver({ onStep: ({ operation }) => void events.push(operation) })
    const writer = partWriter(writing(driver, { onKey: () => events.push('key') }), 'users', 'rows')
    await writer.write(['1'])
    await writer.close()
    expect(events).toEqual(['key', 'put', 'stored'])
  })
})

describe('parts of limited size', () => {
  it('keep every line, in order, and none exceeds the limit unless a single line does', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((value) => JSON.stringify(value))
    const law = fc.asyncProperty(
      fc.array(fc.array(text, { maxLength: 10 }), { maxLength: 10 }),
      fc.integer({ min: 1, max: 200 }),
      async (batches, maxContentBytes) => {
        const driver = memoryDriver()
        const writer = partWriter(writing(driver, { maxContentBytes }), 'users', 'rows')
        for (const batch of batches) await writer.write(batch)
        const parts = await writer.close()
        const read = []
        for (const part of parts) read.push(...(await toArray(readLines(reading(driver), part))).flat())
        expect(read).toEqual(batches.flat().map((line) => JSON.parse(line)))
        expect(parts.every((part) => part.bytes <= maxContentBytes || part.records === 1)).toBe(true)
        expect(new Set(parts.map(({ file }) => file)).size).toBe(parts.length)
      },
    )
    await fc.assert(law)
  })

  it('are split within a batch too', async () => {
    const driver = memoryDriver()
    const writer = partWriter(writing(driver, { maxContentBytes: 30 }), 'users', 'rows')
    await writer.write(lines(0, 6))
    expect(await writer.close()).toMatchObject([
      { file: 'users.jsonl', records: 2 },
      { file: 'users.2.jsonl', records: 2 },
      { file: 'users.3.jsonl', records: 2 },
    ])
  })
})

describe('an upload that fails', () => {
  const full = new BackupError('no_space', 'The disk is full')
  const failures: [string, Driver['put']][] = [
    ['before it reads', () => Promise.reject(full)],
    [
      'at the first bytes',
      async (_, body) => {
        for await (const _ of body) throw full
        return { bytes: 0 }
      },
    ],
    [
      'after some bytes',
      async (_, body) => {
        let chunks = 0
        for await (const _ of body) if (++chunks > 3) break
        throw full
      },
    ],
    [
      'at the end',
      async (_, body) => {
        for await (const _ of body);
        throw full
      },
    ],
  ]

  describe.each(failures)('%s', (_, put) => {
    it.each([
      ['none', []],
      ['gzip', [gzip()]],
    ])('rejects the writer with its own error, codec %s', async (_, codecs) => {
      const writer = partWriter(writing({ ...memoryDriver(), put }, { codecs }), 'users', 'rows')
      const storing = (async () => {
        for (let i = 0; i < 10; i++) await writer.write(lines(i, 10))
        await writer.close()
      })()
      await expect(storing).rejects.toMatchObject({ code: 'no_space', message: 'The disk is full' })
      await writer.abort(new Error('over'))
    })
  })

  it('rejects the writer when the driver says it stored what it did not read', async () => {
    const put = async () => ({ bytes: 0 })
    const writer = partWriter(writing({ ...memoryDriver(), put }), 'users', 'rows')
    await expect(writer.write(lines(0, 1))).rejects.toMatchObject({ code: 'internal' })
  })
})

describe('a writer that is aborted', () => {
  it('stores nothing and waits until the upload has ended', async () => {
    const driver = memoryDriver()
    const writer = partWriter(writing(driver), 'users', 'rows')
    await writer.write(lines(0, 3))
    await writer.abort(new Error('the source failed'))
    expect(driver.objects.size).toBe(0)
  })

  it('may not have begun', async () => {
    await partWriter(writing(memoryDriver()), 'users', 'rows').abort(new Error('over'))
  })

  it('ends by the signal although the driver is slow', async () => {
    const controller = new AbortController()
    const driver = memoryDriver({ onStep: () => new Promise((resolve) => setTimeout(resolve, 5)) })
    const writer = partWriter(writing(driver, { signal: controller.signal }), 'users', 'rows')
    const wrote = writer.write(lines(0, 3))
    const reason = new Error('stop')
    controller.abort(reason)
    await expect(wrote).rejects.toBe(reason)
    await writer.abort(reason)
    await settle()
    expect(driver.objects.size).toBe(0)
  })
})

it('the writer goes no faster than the storage reads', async () => {
  const put: Driver['put'] = async (_, body) => {
    await body[Symbol.asyncIterator]().next()
    return new Promise(() => undefined)
  }
  const writer = partWriter(writing({ ...memoryDriver(), put }), 'users', 'rows')
  let written = 0
  void (async () => {
    for (;;) {
      await writer.write(lines(written, 1))
      written += 1
    }
  })()
  await settle()
  expect(written).toBe(1)
})
