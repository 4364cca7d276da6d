import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

const module = new URL('./small-heap.ts', import.meta.url).href

interface HeapMiB {
  /** The young generation, after much garbage, some of which lives a while. */
  readonly young: number
  /** The most that the heap had meanwhile. */
  readonly most: number
}

async function heapAfterGarbage(before: string): Promise<HeapMiB> {
  const program = `
    ${before}
    const { getHeapSpaceStatistics, getHeapStatistics } = await import('node:v8')
    const some = []
    let most = 0
    for (let i = 0; i < 1e7; i++) {
      some[i % 50_000] = { i, text: 'a' + i }
      if (i % 50_000 === 0) most = Math.max(most, getHeapStatistics().total_physical_size)
    }
    const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size
    console.log(JSON.stringify({ young: young / 2 ** 20, most: most / 2 ** 20 }))
  `
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program])
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

it('a stream of records does not make the command larger', async () => {
  const kept = await heapAfterGarbage(
    `const { keepHeapSmall } = await import(${JSON.stringify(module)}); keepHeapSmall()`,
  )
  const left = await heapAfterGarbage('')
  expect(kept.young).toBeLessThanOrEqual(8)
  expect(left.young).toBeGreaterThan(kept.young)
  expect(kept.most).toBeLessThan(left.most / 2)
})

it('a Node that may not know the flags is left unchanged', async () => {
  const { young } = await heapAfterGarbage(
    `const { keepHeapSmall } = await import(${JSON.stringify(module)}); keepHeapSmall('99.0.0')`,
  )
  expect(young).toBeGreaterThan(8)
})
