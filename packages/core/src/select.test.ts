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
    [{ resources: ['nothing*', 'users'] }, ['users']],
    [{ resources: ['plugin=audit'] }, []],
    [{ exclude: ['*'] }, []],
    [{ exclude: ['unknown', 'users'] }, ['orders', 'cache_a', 'cache_b', 'a.b', 'a+b']],
    [{ resources: ['users', 'plugin=audit'], exclude: ['users'] }, []],
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

  it.each([
    [{ resources: ['nothing*'] }, 'not_found', 'There is no resource "nothing*"'],
    [{ resources: ['no*', 'none?'] }, 'not_found', 'There is no resource "no*, none?"'],
    [{ resources: [] }, 'invalid_options', 'The list of resources is empty, so nothing is selected'],
    [
      { resources: ['users'], exclude: ['u*'] },
      'invalid_options',
      'Nothing is selected: all that "users" names is excluded by "u*"',
    ],
  ])('refuses %j, which selects nothing', (selection, code, message) => {
    expect(() => select(names, selection)).toThrow(expect.objectContaining({ code, message }))
  })

  it('does not judge globs by a database without resources', () => {
    expect(select([], { resources: ['*'] })).toEqual([])
    expect(select([], { resources: ['cache_*'], exclude: ['*'] })).toEqual([])
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
