import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentHash, emptyState, stateHash } from './state-hash.js'

const marks = fc.array(fc.tuple(fc.string(), fc.string()))

const stateOf = (all: readonly (readonly [string, string])[], from?: string) => {
  const state = stateHash(from)
  for (const [id, hash] of all) state.add(id, hash)
  return state.value()
}

describe('the state of a resource', () => {
  it('does not depend on the order of its records', () => {
    const law = fc.property(marks, (all) => {
      expect(stateOf([...all].reverse())).toBe(stateOf(all))
    })
    fc.assert(law)
  })

  it('is what it was after records were added and removed again', () => {
    const law = fc.property(marks, marks, (before, change) => {
      const state = stateHash(stateOf(before))
      for (const [id, hash] of change) state.add(id, hash)
      for (const [id, hash] of change) state.remove(id, hash)
      expect(state.value()).toBe(stateOf(before))
    })
    fc.assert(law)
  })

  it('goes on from where another ended', () => {
    const law = fc.property(marks, marks, (before, after) => {
      expect(stateOf(after, stateOf(before))).toBe(stateOf([...before, ...after]))
    })
    fc.assert(law)
  })

  it('is 64 hexadecimal digits, also when more is removed than was there', () => {
    const state = stateHash()
    expect(state.value()).toBe(emptyState)
    state.remove('a', 'b')
    expect(state.value()).toMatch(/^[0-9a-f]{64}$/)
  })

  it('tells ids and hashes apart', () => {
    expect(stateOf([['ab', 'c']])).not.toBe(stateOf([['a', 'bc']]))
    expect(stateOf([['a', 'b']])).not.toBe(stateOf([['b', 'a']]))
    expect(
      stateOf([
        ['a', 'b'],
        ['c', 'd'],
      ]),
    ).not.toBe(
      stateOf([
        ['a', 'd'],
        ['c', 'b'],
      ]),
    )
  })
})

it('a content hash is 64 bits of SHA-256', () => {
  expect(contentHash('')).toBe('47DEQpj8HBQ')
  expect(contentHash(Buffer.from('a'))).toBe(contentHash('a'))
  expect(contentHash('a')).not.toBe(contentHash('b'))
})
