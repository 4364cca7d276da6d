import assert from 'node:assert/strict'
import { type ContractCase, guarded } from '../contract-case.js'
import { assertAbsent, assertStored, names, store } from '../scene.js'

const missing: ContractCase = {
  id: 'delete-missing',
  title: 'delete of a missing key resolves',
  async run({ driver, prefix, signal }) {
    await driver.delete(`${prefix}missing`, { signal })
    await driver.delete(`${prefix}no/such/folder/missing`, { signal })
  },
}

export const deleteCases: readonly ContractCase[] = [
  {
    id: 'delete-removes',
    title: 'get and list do not see an object once delete resolves',
    async run(context) {
      const key = await store(context, 'folder/gone')
      await context.driver.delete(key, { signal: context.signal })
      await assertAbsent(context, key)
    },
  },
  missing,
  guarded(missing),
  {
    id: 'delete-only-that',
    title: 'delete removes the object of that key and no other',
    async run(context) {
      const key = await store(context, 'folder/object')
      const kept = ['folder/object2', 'folder/objec', 'folder2/object', 'object']
      for (const name of kept) await store(context, name)
      await context.driver.delete(key, { signal: context.signal })
      assert.deepEqual(await names(context), [...kept].sort())
      // A folder is not an object.
      await context.driver.delete(`${context.prefix}folder`, { signal: context.signal })
      assert.deepEqual(await names(context), [...kept].sort())
    },
  },
  {
    id: 'delete-then-put',
    title: 'a deleted key can be put again',
    async run(context) {
      const key = await store(context, 'reborn', 10, 1)
      await context.driver.delete(key, { signal: context.signal })
      await store(context, 'reborn', 2000, 2)
      await assertStored(context, key, 2000, 2)
    },
  },
]
