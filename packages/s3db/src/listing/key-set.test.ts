import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keySet } from './key-set.js'

it('has every key that was added, and no other', () => {
  const keys = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 1_500 })
  fc.assert(
    fc.property(keys, fc.nat(), (all, cut) => {
      const set = keySet()
      const added = all.slice(0, cut % (all.length + 1))
      for (const key of [...added, ...added]) set.add(key)
      expect(all.filter((key) => set.has(key))).toEqual(added)
    }),
    { numRuns: 10 },
  )
})
