import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, vi } from 'vitest'
import { ballast } from '../test/with-ballast.ts'
import { inChild } from './child.mjs'

const run = promisify(execFile)

/** The lines of a table of measurements: what, against what, the ratio unless it says that there is none yet, and the goal. */
function rowsOf(table: string) {
  return table
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| What'))
    .map((line) => {
      const [what = '', against = '', , , result = '', reach = ''] = line.split(' | ')
      const ratio = result === 'not measured yet' ? undefined : Number(/\*\*([\d.]+)\*\*/.exec(result)?.[1])
      return { name: `${what.slice(2)} / ${against}`, reach, ratio }
    })
}

it('pnpm bench measures exactly the rows of RESULTS.md', async () => {
  // The figures are not looked at here, so the small server will do, which answers several times faster.
  const { S3_ENDPOINT: _, ...env } = process.env
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'run.mjs'), '--quick'], {
    maxBuffer: 1e8,
    env,
  })
  const measured = rowsOf(stdout)
  const skipped = [...stdout.matchAll(/^Skipped: \| (.*?) \| (.*?) \| (.*)$/gm)].map(
    ([, what, against, why]) => ({ name: `${what} / ${against}`, why }),
  )
  // Other tools are measured where they are installed, and reported as left out elsewhere.
  for (const { name, why } of skipped) expect(why, name).toMatch(/^(restic|rclone) is not installed$/)
  const isSkipped = (name: string) => skipped.some((row) => row.name === name)
  const told = rowsOf(readFileSync(join(import.meta.dirname, 'RESULTS.md'), 'utf8')).filter(
    ({ name }) => !isSkipped(name),
  )
  const goals = (rows: typeof told) => rows.map(({ name, reach }) => ({ name, reach }))
  expect(goals(measured)).toEqual(goals(told))
  // A row that is new is told of before it is measured in full, which takes an idle machine.
  for (const { name, ratio } of [...measured, ...told.filter((row) => row.ratio !== undefined)])
    expect(ratio, name).toBeGreaterThan(0)
})

it('the peak memory of a program is its own: all that it holds, without that of its parent', () => {
  const peakOf = (flags: readonly string[] = []) => inChild('synthetic.mjs', [1000], [...flags]).peakMiB
  const bare = peakOf()
  const large = Buffer.alloc(400 * 2 ** 20, 1)
  expect(peakOf()).toBeLessThan(bare + 50)
  expect(large.at(-1)).toBe(1)
  vi.stubEnv('BALLAST', '200')
  const more = peakOf([`--import=${ballast}`]) - bare
  expect(more).toBeGreaterThan(150)
  expect(more).toBeLessThan(250)
})
