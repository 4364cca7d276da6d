import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

/** MiB of V8's young generation after much garbage, some of which lives a while. */
async function youngGenerationAfterGarbage(before: string): Promise<number> {
  const program = `
    ${before}
    const { getHeapSpaceStatistics } = await import('node:v8')
    const some = []
    for (let i = 0; i < 1e7; i++) some[i % 50_000] = { i, text: 'a' + i }
    console.log(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size / 2 ** 20)
  `
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program])
  expect(stderr).toBe('')
  return Number(stdout)
}

it('a stream of records does not make the command larger', async () => {
  const module = new URL('./young-generation.ts', import.meta.url).href
  const held = await youngGenerationAfterGarbage(
    `const { holdYoungGeneration } = await import(${JSON.stringify(module)}); holdYoungGeneration()`,
  )
  expect(held).toBeLessThanOrEqual(8)
  expect(await youngGenerationAfterGarbage('')).toBeGreaterThan(held)
})

it('a Node that may not know the flag is left as it is', async () => {
  const module = new URL('./young-generation.ts', import.meta.url).href
  const left = await youngGenerationAfterGarbage(
    `const { holdYoungGeneration } = await import(${JSON.stringify(module)}); holdYoungGeneration('99.0.0')`,
  )
  expect(left).toBeGreaterThan(8)
})
