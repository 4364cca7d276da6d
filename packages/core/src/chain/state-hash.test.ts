import { createHash } from 'node:crypto'
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

  it('is the same after records were added and removed again', () => {
    const law = fc.property(marks, marks, (before, change) => {
      const state = stateHash(stateOf(before))
      for (const [id, hash] of change) state.add(id, hash)
      for (const [id, hash] of change) state.remove(id, hash)
      expect(state.value()).toBe(stateOf(before))
    })
    fc.assert(law)
  })

  it('continues from an earlier state', () => {
    const law = fc.property(marks, marks, (before, after) => {
      expect(stateOf(after, stateOf(before))).toBe(stateOf([...before, ...after]))
    })
    fc.assert(law)
  })

  it('is 64 hexadecimal digits, even if more is removed than was there', () => {
    const state = stateHash()
    expect(state.value()).toBe(emptyState)
    state.remove('a', 'b')
    expect(state.value()).toMatch(/^[0-9a-f]{64}$/)
  })

  it('is what it has always been', () => {
    const state = stateHash()
    for (let i = 0; i < 5000; i++) state.add(`record-${i}`, `hash${i}`)
    expect(state.value()).toBe('6cf2bac5c4f69ea7dbc3a02e16e4d2630b0b74ba81a49be7ecf96801a874c6ee')
    state.remove('record-7', 'hash7')
    state.add('é\u2028😀', 'x')
    expect(state.value()).toBe('681a2252b0065dce44853cf8bda367efc7cf578b2417a60127cc623ae230dc16')
    const negative = stateHash()
    for (let i = 0; i < 3; i++) negative.remove('a', 'b')
    expect(negative.value()).toBe('f2a43276bd8691fdcf285f7dbcc614277c9f5f4eeb297a067b8082edac6dd5c7')
  })

  it('is the sum of SHA-256 over every record, modulo 2^256', () => {
    const elementOf = (id: string, hash: string) =>
      BigInt(
        `0x${createHash('sha256')
          .update(JSON.stringify([id, hash]))
          .digest('hex')}`,
      )
    const law = fc.property(marks, marks, (added, removed) => {
      const sum = (all: readonly (readonly [string, string])[]) =>
        all.reduce((total, [id, hash]) => total + elementOf(id, hash), 0n)
      const expected = BigInt.asUintN(256, sum(added) - sum(removed))
      const state = stateHash()
      for (const [id, hash] of removed) state.remove(id, hash)
      for (const [id, hash] of added) state.add(id, hash)
      expect(state.value()).toBe(expected.toString(16).padStart(64, '0'))
    })
    fc.assert(law)
  })

  it('distinguishes ids from hashes', () => {
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
