import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)

/** The lines of a table of measurements: what, against what, and the ratio. */
function rowsOf(table: string) {
  return table
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| What'))
    .map((line) => {
      const [what = '', against = '', , , result = ''] = line.split(' | ')
      return { name: `${what.slice(2)} / ${against}`, ratio: Number(/\*\*([\d.]+)\*\*/.exec(result)?.[1]) }
    })
}

it('pnpm bench measures what RESULTS.md tells of, and nothing else', async () => {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'run.mjs'), '--quick'], {
    maxBuffer: 1e8,
  })
  const measured = rowsOf(stdout)
  const told = rowsOf(readFileSync(join(import.meta.dirname, 'RESULTS.md'), 'utf8'))
  expect(measured.map(({ name }) => name)).toEqual(told.map(({ name }) => name))
  for (const { name, ratio } of [...measured, ...told]) expect(ratio, name).toBeGreaterThan(0)
})
