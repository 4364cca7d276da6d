import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { type ObjectKind, objectKinds } from '@s3db-backup/core'
import { empty, patternAt, patterned } from '../bodies.js'
import type { ContractCase } from '../contract-case.js'
import { assertAbsent, assertBytes, assertStored, gather, latch, list, names, read, store } from '../scene.js'

/** Sizes around what storages, compilers and buffers like to cut at, in bytes. */
const oddSizes = [1, 2, 255, 4095, 4097, 65_535, 65_537, 1_048_577]

export const putCases: readonly ContractCase[] = [
  {
    id: 'put-round-trip',
    title: 'get yields what was put',
    run: async (context) => assertStored(context, await store(context, 'object', 300_007), 300_007),
  },
  {
    id: 'put-empty',
    title: 'an object may be empty',
    async run(context) {
      const key = `${context.prefix}empty`
      const { bytes } = await context.driver.put(key, empty(), { kind: 'part', signal: context.signal })
      assert.equal(bytes, 0, `put of nothing resolves with ${bytes} bytes`)
      assert.equal((await read(context, key)).byteLength, 0, 'an empty object has bytes')
      const listed = (await list(context)).map((info) => [info.key, info.bytes])
      assert.deepEqual(listed, [[key, 0]])
    },
  },
  {
    id: 'put-odd-sizes',
    title: 'an object may have any size',
    async run(context) {
      for (const size of oddSizes)
        await assertStored(context, await store(context, `odd-${size}`, size), size)
    },
  },
  {
    id: 'put-uneven-chunks',
    title: 'a body may come in chunks of any size, including empty ones and views of a larger buffer',
    async run(context) {
      const key = `${context.prefix}uneven`
      const whole = new TextEncoder().encode('one larger buffer')
      const parts = [
        whole.subarray(0, 1),
        new Uint8Array(0),
        whole.subarray(1, 9),
        Buffer.from(whole.subarray(9)),
        new Uint8Array(0),
      ]
      await context.driver.put(key, chunks(parts), { kind: 'part', signal: context.signal })
      assert.equal((await read(context, key)).toString(), 'one larger buffer')
    },
  },
  {
    id: 'put-counts-bytes',
    title: 'put resolves with the number of bytes stored',
    async run(context) {
      const body = patterned(70_001, { chunk: 333 })
      const { bytes } = await context.driver.put(`${context.prefix}counted`, body, {
        kind: 'part',
        signal: context.signal,
      })
      assert.equal(bytes, 70_001)
    },
  },
  {
    id: 'put-invisible',
    title: 'get and list do not see an object before put resolves',
    async run(context) {
      const key = `${context.prefix}growing`
      const begun = latch()
      const mayEnd = latch()
      const body = async function* () {
        yield* patterned(100_000)
        begun.open()
        await mayEnd.opened
        yield* patterned(100_001, { from: 100_000 })
      }
      const put = context.driver.put(key, body(), { kind: 'part', signal: context.signal })
      try {
        await Promise.race([begun.opened, put])
        await assertAbsent(context, key)
      } finally {
        mayEnd.open()
        await put
      }
      await assertStored(context, key, 100_001)
    },
  },
  {
    id: 'put-seen-at-once',
    title: 'get and list see an object as soon as put resolves',
    async run(context) {
      for (let number = 1; number <= 5; number++) {
        const key = await store(context, `object-${number}`, number)
        assert.equal((await names(context)).length, number, `the listing after put ${number} lacks an object`)
        await assertStored(context, key, number)
      }
    },
  },
  {
    id: 'put-reads-once',
    title: 'put reads the body once, chunk after chunk',
    async run(context) {
      const watch = { begun: 0, pending: 0, overlaps: 0 }
      const body = watched(patterned(300_000, { chunk: 10_000 }), watch)
      await context.driver.put(`${context.prefix}once`, body, { kind: 'part', signal: context.signal })
      assert.deepEqual(
        watch,
        { begun: 1, pending: 0, overlaps: 0 },
        'the body was begun twice or asked while it was busy',
      )
    },
  },
  {
    id: 'put-huge',
    title: 'a large object is stored whole',
    async run(context) {
      const { driver, hugeBytes, prefix, signal } = context
      const { bytes } = await driver.put(`${prefix}huge`, patterned(hugeBytes), { kind: 'part', signal })
      assert.equal(bytes, hugeBytes)
      let position = 0
      for await (const chunk of driver.get(`${prefix}huge`, { kind: 'part', signal })) {
        for await (const expected of patterned(position + chunk.byteLength, {
          from: position,
          chunk: chunk.byteLength,
        })) {
          assertBytes(chunk, expected, `get from ${position}`)
        }
        position += chunk.byteLength
      }
      assert.equal(position, hugeBytes, 'get yields another number of bytes')
    },
  },
  {
    id: 'put-kinds',
    title: 'put takes objects of any kind, including unknown kinds, and only their keys tell them apart',
    async run(context) {
      const { driver, prefix, signal } = context
      // A driver made for this version will meet the kinds of later ones.
      const kinds = [...objectKinds, 'of-a-later-version' as ObjectKind]
      for (const [seed, kind] of kinds.entries())
        await driver.put(`${prefix}some/${kind}`, patterned(1000, { seed }), { kind, signal })
      assert.deepEqual(await names(context), kinds.map((kind) => `some/${kind}`).sort())
      for (const [seed, kind] of kinds.entries()) {
        const expected = patternAt(0, 1000, seed)
        assertBytes(await gather(driver.get(`${prefix}some/${kind}`, { kind, signal })), expected, kind)
        // The reader may know less about an object than the writer.
        const other = kind === 'index' ? 'part' : 'index'
        const read = await gather(driver.get(`${prefix}some/${kind}`, { kind: other, signal }))
        assertBytes(read, expected, `${kind}, read as ${other},`)
      }
    },
  },
]

async function* chunks(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

/** Counts how often the body is begun, and whether it is asked for more while it still answers. */
function watched(
  body: AsyncIterable<Uint8Array>,
  watch: { begun: number; pending: number; overlaps: number },
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      watch.begun += 1
      const iterator = body[Symbol.asyncIterator]()
      return {
        async next() {
          if (watch.pending > 0) watch.overlaps += 1
          watch.pending += 1
          await setImmediate()
          return iterator.next().finally(() => {
            watch.pending -= 1
          })
        },
      }
    },
  }
}
