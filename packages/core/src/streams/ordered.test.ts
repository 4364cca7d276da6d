import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settle, thenThrows, toArray, watched } from '../../test/streams.js'
import { ordered } from './ordered.js'

describe('ordered', () => {
  it('yields results in the order of the items, however long each takes', async () => {
    const law = fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      async (turns, inFlight) => {
        const work = async (index: number) => {
          for (let turn = 0; turn < (turns[index] ?? 0); turn++) await Promise.resolve()
          return index
        }
        const results = await toArray(ordered(turns.keys(), inFlight, work))
        expect(results).toEqual([...turns.keys()])
      },
    )
    await fc.assert(law)
  })

  it('runs as many at once as allowed, and never more', async () => {
    let running = 0
    let most = 0
    const work = async () => {
      running += 1
      most = Math.max(most, running)
      await settle()
      running -= 1
    }
    await toArray(ordered(Array(10).keys(), 3, work))
    expect(most).toBe(3)
  })

  it('throws the failure of the work, when its turn has come', async () => {
    const failure = new Error('third')
    const seen: number[] = []
    const reading = (async () => {
      const work = async (item: number) => {
        if (item === 2) throw failure
        await settle()
        return item
      }
      for await (const result of ordered(Array(6).keys(), 4, work)) seen.push(result)
    })()
    await expect(reading).rejects.toBe(failure)
    expect(seen).toEqual([0, 1])
  })

  it.each([
    ['the work fails', (item: number) => item === 0],
    ['the work fails late', (item: number) => item === 3],
  ])('has nothing under way after %s', async (_, fails) => {
    let running = 0
    const work = async (item: number) => {
      running += 1
      await settle()
      running -= 1
      if (fails(item)) throw new Error('failed')
    }
    await expect(toArray(ordered(Array(9).keys(), 4, work))).rejects.toThrow('failed')
    expect(running).toBe(0)
  })

  it('has nothing under way after the items themselves break off', async () => {
    const failure = new Error('no more items')
    let running = 0
    const work = async () => {
      running += 1
      await settle()
      running -= 1
    }
    await expect(toArray(ordered(thenThrows(failure, 1, 2), 4, work))).rejects.toBe(failure)
    expect(running).toBe(0)
  })

  it('finishes the items and has nothing under way when the reader stops early', async () => {
    const items = watched([1, 2, 3, 4, 5])
    let running = 0
    const work = async () => {
      running += 1
      await settle()
      running -= 1
    }
    for await (const _ of ordered(items, 2, work)) break
    expect(items.finished()).toBe(true)
    expect(running).toBe(0)
  })
})
