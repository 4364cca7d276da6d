import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { select } from './select.js'

const names = ['users', 'orders', 'cache_a', 'cache_b', 'a.b', 'a+b']

describe('select', () => {
  it.each([
    [{}, names],
    [{ resources: ['users'] }, ['users']],
    [{ resources: ['orders', 'users'] }, ['users', 'orders']],
    [{ resources: ['cache_*'] }, ['cache_a', 'cache_b']],
    [{ resources: ['cache_?', 'users'] }, ['users', 'cache_a', 'cache_b']],
    [{ resources: ['*'], exclude: ['cache_*'] }, ['users', 'orders', 'a.b', 'a+b']],
    [{ resources: ['a.b'] }, ['a.b']],
    [{ resources: ['a.*'] }, ['a.b']],
    [{ resources: ['nothing*'] }, []],
    [{ resources: [] }, []],
    [{ exclude: ['unknown', 'users'] }, ['orders', 'cache_a', 'cache_b', 'a.b', 'a+b']],
    [{ resources: ['users'], exclude: ['users'] }, []],
  ])('%j gives %j', (selection, selected) => {
    expect(select(names, selection)).toEqual(selected)
  })

  it('refuses a missing name, and suggests the nearest', () => {
    expect(() => select(names, { resources: ['usres'] })).toThrow(
      expect.objectContaining({
        code: 'not_found',
        message: 'There is no resource "usres" (did you mean "users"?)',
      }),
    )
  })

  it('selects each name by itself, and all names with *', () => {
    const law = fc.property(
      fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1 }).filter((name) => !/[*?]/.test(name))),
      (any) => {
        expect(select(any, { resources: ['*'] })).toEqual(any)
        for (const name of any) expect(select(any, { resources: [name] })).toEqual([name])
      },
    )
    fc.assert(law)
  })
})
