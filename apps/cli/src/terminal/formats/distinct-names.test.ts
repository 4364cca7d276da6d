import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distinctNames } from './distinct-names.js'

test('columns of one name are told apart by a number, which no other column has', () => {
  expect(distinctNames(['id', 'n', 'id', 'id'])).toEqual(['id', 'n', 'id_2', 'id_3'])
  expect(distinctNames(['id', 'id', 'id_2'])).toEqual(['id', 'id_3', 'id_2'])
})

test('no column is lost, and names that are there once stay', () => {
  const name = fc.constantFrom('a', 'a_2', 'a_3', 'b', '', '__proto__')
  fc.assert(
    fc.property(fc.array(name), (names) => {
      const distinct = distinctNames(names)
      expect(new Set(distinct).size).toBe(names.length)
      for (const [index, one] of names.entries())
        if (names.indexOf(one) === index) expect(distinct[index]).toBe(one)
    }),
  )
})
