import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { isBackupError } from '@s3db-backup/core'
import { patternAt } from '../bodies.js'
import { type ContractCase, guarded } from '../contract-case.js'
import { assertAbsent, assertBytes, assertStored, read, rejection, store } from '../scene.js'

const missing: ContractCase = {
  id: 'get-missing',
  title: 'get of a missing key rejects with not_found at the first read',
  async run({ driver, prefix, signal }) {
    // Outside the promise: the call itself must not throw.
    const iterator = driver.get(`${prefix}missing`, { kind: 'part', signal })[Symbol.asyncIterator]()
    const error = await rejection(iterator.next(), 'the first read of a missing key')
    assert.ok(
      isBackupError(error, 'not_found'),
      `it rejects with ${String(error)}, not with a BackupError not_found`,
    )
  },
}

export const getCases: readonly ContractCase[] = [
  missing,
  guarded(missing),
  {
    id: 'get-whole-keys',
    title: 'get finds an object by its whole key, not by a part of it',
    async run(context) {
      await store(context, 'folder/object')
      await assertAbsent(context, `${context.prefix}folder`)
      await assertAbsent(context, `${context.prefix}folder/obj`)
      await assertAbsent(context, `${context.prefix}folder/object2`)
      await assertAbsent(context, `${context.prefix}object`)
    },
  },
  {
    id: 'get-twice',
    title: 'two readers of one object do not disturb each other',
    async run(context) {
      const key = await store(context, 'shared', 400_000)
      const [first, second] = await Promise.all([read(context, key), read(context, key)])
      const expected = patternAt(0, 400_000)
      assertBytes(first, expected, 'the first reader')
      assertBytes(second, expected, 'the second reader')
    },
  },
  {
    id: 'get-stop-early',
    title: 'a reader may stop before the end',
    async run(context) {
      const key = await store(context, 'long', 2_000_000)
      for await (const chunk of context.driver.get(key, { kind: 'part', signal: context.signal })) {
        assert.ok(chunk.byteLength > 0, 'the first chunk is empty')
        break
      }
      await assertStored(context, key, 2_000_000)
    },
  },
  {
    id: 'get-reuse',
    title: 'get yields the same bytes to a reader that uses each chunk only until it asks for the next',
    async run(context) {
      const key = await store(context, 'reused', 700_001)
      const chunks: Uint8Array[] = []
      for await (const chunk of context.driver.get(key, {
        kind: 'part',
        signal: context.signal,
        reuse: true,
      })) {
        // A read-ahead into the same memory would show by now.
        await setImmediate()
        chunks.push(Uint8Array.from(chunk))
      }
      assertBytes(Buffer.concat(chunks), patternAt(0, 700_001), 'what was copied chunk by chunk')
    },
  },
  {
    id: 'get-offset',
    title: 'get begins at the offset',
    requires: 'range',
    async run(context) {
      const size = 300_007
      const key = await store(context, 'ranged', size)
      for (const offset of [0, 1, 65_535, 65_536, 262_145, size - 1, size]) {
        assertBytes(
          await read(context, key, { offset }),
          patternAt(offset, size - offset),
          `get from ${offset}`,
        )
      }
    },
  },
  {
    id: 'get-length',
    title: 'get yields the requested number of bytes, or fewer at the end of the object',
    requires: 'range',
    async run(context) {
      const size = 300_007
      const key = await store(context, 'ranged', size)
      for (const offset of [undefined, 0, 1, 65_535, 262_145, size - 1, size]) {
        const rest = size - (offset ?? 0)
        for (const length of [1, 4_096, 65_537, rest, rest + 1, size + 100_000]) {
          if (length === 0) continue
          const piece = patternAt(offset ?? 0, Math.min(length, rest))
          const what = `get of ${length} bytes from ${offset ?? 'the start'}`
          assertBytes(await read(context, key, { offset, length }), piece, what)
        }
      }
    },
  },
]
