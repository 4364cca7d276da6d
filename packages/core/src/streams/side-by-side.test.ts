import { describe, expect, it } from 'vitest'
import { settle, toArray } from '../../test/streams.js'
import { sideBySide } from './side-by-side.js'

const bytesOf = (bytes: number) => bytes
const [small, large] = [10, 10_000_000]

/** Works on items of so many bytes, and says how many were under way at most, and in which order they came back. */
async function watch(items: readonly number[]) {
  let underWay = 0
  let most = 0
  const at = await toArray(
    sideBySide(items.entries(), {
      bytesOf: ([, bytes]) => bytesOf(bytes),
      inFlight: { small: 5, large: 2 },
      async work([index]) {
        underWay += 1
        most = Math.max(most, underWay)
        await settle()
        underWay -= 1
        return index
      },
    }),
  )
  return { most, inOrder: at.every((index, place) => index === place), count: at.length }
}

describe('sideBySide', () => {
  it.each([
    ['small ones', Array(20).fill(small), 5],
    ['large ones', Array(20).fill(large), 2],
    ['one after the other', [small, large, small, large], 1],
    ['none', [], 0],
  ])('has as many under way as it may, and gives what came of them in order: %s', async (_, items, most) => {
    expect(await watch(items)).toEqual({ most, inOrder: true, count: items.length })
  })
})
