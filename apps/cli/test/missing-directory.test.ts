import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { temporaryFolder } from './surroundings.js'

const id = 'full-2024-03-15T14-30-45-abc123'

test.each([
  ['list', [], 3, 'stderr'],
  ['prune', ['--keep-last', '1'], 3, 'stderr'],
  ['backup', ['--status', id], 3, 'stderr'],
] as const)('%s reports a missing directory, and does not create it', async (name, more, code, stream) => {
  const cwd = await temporaryFolder()
  const outcome = await command([name, ...more, '--path', 'nowhere/{date}'], { cwd })
  expect(outcome.code).toBe(code)
  expect(outcome[stream]).toContain(`There are no backups in ${cwd}/nowhere: the directory does not exist`)
  expect(await readdir(cwd)).toEqual([])
})

test('list of a directory without backups says only that', async () => {
  const cwd = await temporaryFolder()
  await mkdir(join(cwd, 'empty'))
  const { stdout } = await command(['list', '--path', 'empty'], { cwd })
  expect(stdout).toBe('There are no backups here.\n')
})

test('list of a file is an error', async () => {
  const cwd = await temporaryFolder()
  await writeFile(join(cwd, 'file'), '')
  const { code, stderr } = await command(['list', '--path', 'file'], { cwd })
  expect(code).toBe(11)
  expect(stderr).toContain(`${cwd}/file is a file, not a directory`)
})

test('doctor leaves no new directory, and keeps an existing one', async () => {
  const cwd = await temporaryFolder()
  await mkdir(join(cwd, 'empty'))
  expect(await command(['doctor', '--path', 'new/deep'], { cwd })).toMatchObject({ code: 0 })
  expect(await command(['doctor', '--path', 'empty/deep'], { cwd })).toMatchObject({ code: 0 })
  expect(await readdir(cwd, { recursive: true })).toEqual(['empty'])
})

test('doctor names a file in the way, and does not blame the network', async () => {
  const cwd = await temporaryFolder()
  await writeFile(join(cwd, 'file'), '')
  const { code, stdout } = await command(['doctor', '--path', 'file'], { cwd })
  expect(code).toBe(11)
  expect(stdout).toContain('is a file, not a directory')
  expect(stdout).not.toContain('network')
})
