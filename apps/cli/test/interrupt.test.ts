import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { enlarge, makeDatabase } from './databases.js'
import { start } from './program.js'

let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  await enlarge(join(cwd, 'database'), 2500)
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

/** Starts a backup and waits until it says that it has begun. */
async function begunBackup(path: string) {
  const args = ['backup', '--connection', `file://${cwd}/database`, '--path', path, '--progress', 'json']
  const started = start(args, { cwd })
  await new Promise<void>((resolve) => started.child.stderr?.once('data', () => resolve()))
  return started
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s during a backup cleans up and leaves no backup', async (signal, exitCode) => {
  const { child, outcome } = await begunBackup(signal)
  child.kill(signal)
  const { code, stdout, stderr } = await outcome
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
  expect(stderr).toContain('Stopping…')
  expect(stderr).toContain('Stopped.')
  expect((await command(['list', '--path', signal], { cwd })).stdout).toContain('There are no backups')
})

test('twice ends with 130, too, and leaves no backup', async () => {
  const { child, outcome } = await begunBackup('twice')
  child.kill('SIGINT')
  child.stderr?.on('data', (text: string) => {
    if (text.includes('Stopping')) child.kill('SIGINT')
  })
  const { code, stderr } = await outcome
  expect(code).toBe(130)
  expect(stderr).toContain('press Ctrl-C again')
  expect((await command(['list', '--quiet', '--path', 'twice'], { cwd })).stdout).toBe('')
})
