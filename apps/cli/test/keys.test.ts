import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase, people, readPeople } from './databases.js'
import { type Outcome, temporaryFolder } from './surroundings.js'

test('the life of an encrypted backup: a key, a backup, another key, a restore; no output has a key', async () => {
  const cwd = await temporaryFolder()
  const outcomes: Outcome[] = []
  const run = async (...args: string[]) => {
    const outcome = await command(args, { cwd, env: { S3DB_CONNECTION: `file://${cwd}/database` } })
    outcomes.push(outcome)
    return outcome
  }
  await makeDatabase(join(cwd, 'database'))

  expect(await run('keygen', '--out', 'old.key')).toMatchObject({ code: 0, stdout: '' })
  await run('keygen', '--out', 'new.key')
  expect((await stat(join(cwd, 'old.key'))).mode & 0o777).toBe(0o600)
  expect(await run('keygen', '--out', 'old.key')).toMatchObject({ code: 11 })

  const made = JSON.parse((await run('backup', '--json', '--key-file', 'old.key')).stdout)
  expect(await run('verify', made.id)).toMatchObject({ code: 8 })
  expect(await run('consolidate', made.id)).toMatchObject({
    code: 8,
    stderr: expect.stringContaining('Give --key-file or --key-command, or set S3DB_BACKUP_KEY.'),
  })
  expect((await run('list')).stdout).toMatch(new RegExp(`${made.id} .* \\? +\\? `))
  expect((await run('show', made.id, '--key-command', 'cat old.key')).stdout).toMatch(/people +30/)

  const rotate = ['rotate-key', made.id, '--key-file', 'old.key']
  expect(await run(...rotate)).toMatchObject({ code: 2, stderr: expect.stringContaining('no new key') })
  expect(await run(...rotate, '--new-key-file', 'new.key', '--remove-old')).toMatchObject({ code: 0 })
  expect(await run('verify', made.id, '--key-file', 'old.key')).toMatchObject({ code: 8 })
  const target = ['--target', `file://${cwd}/restored`]
  expect(await run('restore', made.id, ...target, '--key-file', 'new.key')).toMatchObject({ code: 0 })
  expect(await readPeople(join(cwd, 'restored'))).toEqual(people)

  const keys = await Promise.all(['old.key', 'new.key'].map((file) => readFile(join(cwd, file), 'utf8')))
  for (const key of keys)
    for (const { stdout, stderr } of outcomes) {
      expect(key.trim()).toMatch(/^base64:.{44}$/)
      expect(stdout + stderr).not.toContain(key.trim().slice('base64:'.length))
    }
})
