import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { temporaryFolder } from './surroundings.js'

interface Line {
  readonly event: string
  readonly phase: string
  readonly percent?: number
  readonly etaMs?: number
}

const linesOf = (stderr: string): Line[] =>
  stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const phasesOf = (lines: readonly Line[]) =>
  lines.map(({ phase }) => phase).filter((phase, index, all) => phase !== all[index - 1])

test('every line of progress names the phase, from the first on, and no percentage steps back or is 100', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const place = ['--json', '--progress', 'json']
  const made = await command(['backup', '--connection', `file://${cwd}/database`, ...place], { cwd })
  const lines = linesOf(made.stderr)
  expect(lines[0]).toMatchObject({ event: 'phase', phase: 'listing' })
  expect(phasesOf(lines)).toEqual(['listing', 'reading', 'storing', 'reading-back', 'committing'])
  const percents = lines.flatMap(({ percent }) => percent ?? [])
  expect(percents).toEqual([...percents].sort((a, b) => a - b))
  expect(percents.at(-1)).toBe(99)

  const target = ['--target', `file://${cwd}/other`, ...place]
  const restored = await command(['restore', 'latest', ...target], { cwd })
  expect(phasesOf(linesOf(restored.stderr))).toEqual(['listing', 'checking', 'writing'])
})
