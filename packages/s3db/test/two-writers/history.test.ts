import { expect, it } from 'vitest'
import { history, type State } from './history.js'

const first = { mark: 'first' }
const second = { mark: 'second' }

function written(...writes: readonly (readonly [State, number, number])[]) {
  const all = history()
  for (const [state, began, ended] of writes) all.begin('a', state, began).ended = ended
  return all
}

it('a record that was never written does not exist', () => {
  expect(written().visible('a', 0, 100)).toEqual([null])
})

it('a reader sees the last write that ended before it looks', () => {
  expect(written([first, 1, 2], [second, 3, 4]).visible('a', 5, 9)).toEqual([second])
})

it('during a write a reader sees the old or the new state', () => {
  expect(written([first, 1, 2], [null, 6, 7], [second, 8, 12]).visible('a', 5, 9)).toEqual([
    first,
    null,
    second,
  ])
  expect(written([first, 1, 2], [second, 10, 12]).visible('a', 5, 9)).toEqual([first])
})

it('either of two simultaneous writes may be the last', () => {
  expect(written([first, 1, 4], [second, 2, 3]).visible('a', 5, 9)).toEqual([first, second])
})

it('a write that may have failed hides no other', () => {
  const all = written([first, 1, 2])
  const perhaps = all.begin('a', second, 3)
  perhaps.ended = 4
  perhaps.perhaps = true
  expect(all.visible('a', 5, 9)).toEqual([first, second])
})

it('states that nobody can see any more are dropped, and the rest stay visible', () => {
  const all = written([first, 1, 2], [null, 3, 4], [second, 8, 12])
  all.settle(5)
  expect(all.visible('a', 5, 9)).toEqual([null, second])
  expect(all.wasTouched('a', 0, 4.5)).toBe(true)
})
