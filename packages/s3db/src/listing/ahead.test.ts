import { expect, it } from 'vitest'
import { ahead } from './ahead.js'

/** Numbers from 1, telling of each that is made and of the end. */
async function* numbers(told: string[], failAt = Number.POSITIVE_INFINITY) {
  try {
    for (let number = 1; number <= 4; number++) {
      if (number === failAt) throw new Error('failed')
      told.push(`made ${number}`)
      yield number
    }
  } finally {
    told.push('closed')
  }
}

it('reads exactly one item ahead', async () => {
  const told: string[] = []
  for await (const number of ahead(numbers(told))) {
    await new Promise((resolve) => setImmediate(resolve))
    told.push(`done ${number}`)
  }
  expect(told).toEqual([
    'made 1',
    'made 2',
    'done 1',
    'made 3',
    'done 2',
    'made 4',
    'done 3',
    'closed',
    'done 4',
  ])
})

it('throws the error of the items, after everything that came before', async () => {
  const told: string[] = []
  const seen: number[] = []
  const read = async () => {
    for await (const number of ahead(numbers(told, 3))) seen.push(number)
  }
  await expect(read()).rejects.toThrow('failed')
  expect(seen).toEqual([1, 2])
  expect(told).toContain('closed')
})

it('closes the items when the reader stops early', async () => {
  const told: string[] = []
  for await (const _ of ahead(numbers(told))) break
  expect(told.at(-1)).toBe('closed')
})
