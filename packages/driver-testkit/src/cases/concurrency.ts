import assert from 'node:assert/strict'
import { failing, patterned } from '../bodies.js'
import type { ContractCase } from '../contract-case.js'
import { assertStored, latch, names, rejection, store } from '../scene.js'

/** More than core has in flight with its usual settings. */
const atOnce = 24

export const concurrencyCases: readonly ContractCase[] = [
  {
    id: 'puts-at-once',
    title: 'many objects can be put at once',
    async run(context) {
      const sizes = Array.from({ length: atOnce }, (_, index) => 50_000 + index * 1_111)
      const keys = await Promise.all(
        sizes.map((size, index) => store(context, `folder-${index % 3}/${index}`, size, index)),
      )
      for (const [index, key] of keys.entries()) await assertStored(context, key, sizes[index], index)
      assert.equal((await names(context)).length, atOnce)
    },
  },
  {
    id: 'put-beside-failure',
    title: 'a put that fails does not harm others that run at the same time',
    async run(context) {
      const broken = (number: number) =>
        rejection(
          context.driver.put(
            `${context.prefix}new/${number}-broken`,
            failing(new Error('broke off'), 100_000),
            { kind: 'part', signal: context.signal },
          ),
          'put of a body that fails',
        )
      const numbers = [1, 2, 3, 4]
      await Promise.all(
        numbers.flatMap((number) => [broken(number), store(context, `new/${number}`, 200_000, number)]),
      )
      assert.deepEqual(await names(context), ['new/1', 'new/2', 'new/3', 'new/4'])
      for (const number of numbers)
        await assertStored(context, `${context.prefix}new/${number}`, 200_000, number)
    },
  },
  {
    id: 'put-beside-delete',
    title: 'a put succeeds while everything else in its folder is deleted',
    async run(context) {
      const { driver, prefix, signal } = context
      await store(context, 'folder/old')
      const begun = latch()
      const deleted = latch()
      const body = async function* () {
        yield* patterned(100_000)
        begun.open()
        await deleted.opened
        yield* patterned(150_000, { from: 100_000 })
      }
      const put = driver.put(`${prefix}folder/new`, body(), { kind: 'part', signal })
      try {
        await Promise.race([begun.opened, put])
        await driver.delete(`${prefix}folder/old`, { signal })
      } finally {
        deleted.open()
        await put
      }
      assert.deepEqual(await names(context), ['folder/new'])
      await assertStored(context, `${prefix}folder/new`, 150_000)
    },
  },
]
