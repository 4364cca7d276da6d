import { expect, it } from 'vitest'
import { encodeBatch } from './batch-lines.js'

it('a record longer than a reader accepts is lost, and so is one whose raw form is too long', () => {
  const rows = ['a', 'b', 'c'].map((id) => ({ id, text: id === 'b' ? 'é'.repeat(50) : '' }))
  const batch = {
    rows,
    raw: new Map([
      ['a', 'x'],
      ['c', 'x'.repeat(100)],
    ]),
    replaced: rows.map(({ id }) => ({ id, modified: 0, hash: 'before' })),
    marks: rows.map(({ id }) => ({ id, modified: 1, hash: `of ${id}` })),
  }
  expect(encodeBatch(batch, 'users', 100)).toEqual({
    rows: ['{"id":"a","text":""}'],
    raw: ['{"id":"a","raw":"x"}'],
    marks: [{ id: 'a', modified: 1, hash: 'of a' }],
    replaced: [{ id: 'a', modified: 0, hash: 'before' }],
    lost: [
      { id: 'b', reason: 'it takes 120 bytes; at most 100 can be stored' },
      { id: 'c', reason: 'it takes 119 bytes; at most 100 can be stored' },
    ],
  })
})
