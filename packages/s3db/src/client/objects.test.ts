import { expect, it } from 'vitest'
import { asWritten } from './objects.js'

it('restores names that a server changed from those of s3db.js', () => {
  expect(asWritten({ '0': 'a-b', '-v': 'v1', '-overflow': 'true', p1: null })).toEqual({
    '0': 'a-b',
    _v: 'v1',
    _overflow: 'true',
    p1: null,
  })
})

it('leaves all others as they are', () => {
  const metadata = { '0': '-x', a: undefined, _v: 'v1', 'x-y': '1' }
  expect(asWritten(metadata)).toBe(metadata)
})

it('leaves a name that begins with a hyphen where the server keeps underscores', () => {
  const metadata = { '-v': 'v1', _v: 'v2', '-note': 'x' }
  expect(asWritten(metadata)).toBe(metadata)
})
