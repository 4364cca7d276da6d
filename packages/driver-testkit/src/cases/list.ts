import assert from 'node:assert/strict'
import { ordered } from '@s3db-backup/core/internal'
import type { CaseContext, ContractCase } from '../contract-case.js'
import { assertNothing, list, names, store } from '../scene.js'

/** The stamps by name, as far as there are any. */
async function stampsOf(context: CaseContext, name = ''): Promise<Map<string, string | undefined>> {
  const infos = await list(context, name)
  for (const { stamp } of infos) assert.notEqual(stamp, '', 'a stamp is empty')
  return new Map(infos.map(({ key, stamp }) => [key.slice(context.prefix.length), stamp]))
}

/** How many objects are put side by side where many are needed. */
const inFlight = 16

export const listCases: readonly ContractCase[] = [
  {
    id: 'list-nothing',
    title: 'list yields nothing if there are no objects',
    async run(context) {
      assert.deepEqual(await list(context), [])
      assert.deepEqual(await list(context, 'no/such/folder/'), [])
      await store(context, 'object')
      assert.deepEqual(await list(context, 'no/such/folder/'), [])
      assert.deepEqual(await list(context, 'object/'), [])
    },
  },
  {
    id: 'list-each-once',
    title: 'list yields each object below the prefix once, however deep it lies',
    async run(context) {
      const wanted = ['a', 'b/a', 'b/c/a', 'b/c/d/a', 'b/e', 'f/g/h/i/j']
      for (const name of wanted) await store(context, name)
      assert.deepEqual(await names(context), wanted)
      assert.deepEqual(await names(context, 'b/'), ['b/a', 'b/c/a', 'b/c/d/a', 'b/e'])
    },
  },
  {
    id: 'list-sizes',
    title: 'list reports the stored size of each object in bytes',
    async run(context) {
      const sizes = [1, 77, 65_536, 100_003]
      for (const size of sizes) await store(context, `object-${size}`, size)
      const infos = await list(context)
      const actual = infos.map(({ key, bytes }) => [key, bytes]).sort()
      assert.deepEqual(actual, sizes.map((size) => [`${context.prefix}object-${size}`, size]).sort())
    },
  },
  {
    id: 'list-stamps',
    title: 'a stamp stays the same in every listing until the key holds other bytes',
    async run(context) {
      const { driver, signal } = context
      for (const [seed, name] of ['a', 'b', 'c/d'].entries()) await store(context, name, 1000, seed)
      const first = await stampsOf(context)
      const without = [...first.values()].filter((stamp) => stamp === undefined).length
      assert.ok(without === 0 || without === first.size, 'some objects have a stamp and others have none')
      assert.deepEqual(await stampsOf(context), first, 'the next listing has other stamps')
      assert.equal(
        (await stampsOf(context, 'c/')).get('c/d'),
        first.get('c/d'),
        'a shorter listing has another stamp',
      )
      await driver.delete(`${context.prefix}c/d`, { signal })
      await store(context, 'c/d', 1000, 77)
      const again = await stampsOf(context)
      assert.equal(again.get('a'), first.get('a'), 'the stamp changes with those of other objects')
      if (without > 0) return
      assert.notEqual(
        again.get('c/d'),
        first.get('c/d'),
        'other bytes of the same length have the same stamp',
      )
    },
  },
  {
    id: 'list-folder',
    title: 'a prefix that ends in a slash does not match siblings whose names start the same',
    async run(context) {
      for (const name of ['a/b/1', 'a/bc/1', 'a/b.2', 'ab/1', 'z/a/b/1']) await store(context, name)
      assert.deepEqual(await names(context, 'a/b/'), ['a/b/1'])
      assert.deepEqual(await names(context, 'a/'), ['a/b.2', 'a/b/1', 'a/bc/1'])
    },
  },
  {
    id: 'list-any-prefix',
    title: 'a prefix may end within a name',
    async run(context) {
      for (const name of ['part-1', 'part-12', 'part-2', 'part-1x/deep']) await store(context, name)
      assert.deepEqual(await names(context, 'part-1'), ['part-1', 'part-12', 'part-1x/deep'])
      assert.deepEqual(await names(context, 'part-1x/d'), ['part-1x/deep'])
    },
  },
  {
    id: 'list-many',
    title: 'a listing may be longer than a page',
    async run(context) {
      const numbers = Array.from({ length: context.manyObjects }, (_, index) => index)
      for await (const _ of ordered(numbers, inFlight, (number) => store(context, `many/${number}`, 1)));
      const found = new Set(await names(context, 'many/'))
      assert.equal(found.size, context.manyObjects)
    },
  },
  {
    id: 'list-stop-early',
    title: 'the caller may stop a listing before its end',
    async run(context) {
      for (const name of ['a/1', 'a/2', 'b/1']) await store(context, name)
      for await (const _ of context.driver.list(context.prefix, { signal: context.signal })) break
      assert.deepEqual(await names(context), ['a/1', 'a/2', 'b/1'])
    },
  },
  {
    id: 'list-while-deleting',
    title: 'an object may be deleted as soon as the listing yields it, and the listing goes on',
    async run(context) {
      const { driver, prefix, signal } = context
      for (const name of ['a/1', 'a/2', 'a/3', 'b/c/1', 'b/c/2', 'd']) await store(context, name)
      for await (const { key } of driver.list(prefix, { signal })) await driver.delete(key, { signal })
      await assertNothing(context)
    },
  },
]
