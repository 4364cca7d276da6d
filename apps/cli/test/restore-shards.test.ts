import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDatabase, people, readPeople } from './databases.js'
import { program } from './program.js'
import { temporaryFolder } from './surroundings.js'

test('restore --shards writes one database with several processes', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const made = await program(['backup', '--quiet', '--connection', `file://${join(cwd, 'database')}`], {
    cwd,
  })
  const env = { S3DB_CONNECTION: `file://${join(cwd, 'copy')}` }
  const restored = await program(['restore', made.stdout.trim(), '--shards', '3', '--json'], { cwd, env })
  expect(restored.code).toBe(0)
  expect(JSON.parse(restored.stdout).resources.people).toMatchObject({ restored: 30, failed: [] })
  expect(await readPeople(join(cwd, 'copy'))).toEqual(people)
})

test('restore --shards heeds --allow-plain, and shard open takes latest', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  await program(['backup', '--quiet', '--connection', `file://${join(cwd, 'database')}`], { cwd })
  const key = await program(['keygen'], { cwd })
  const env = { S3DB_CONNECTION: `file://${join(cwd, 'copy')}`, S3DB_BACKUP_KEY: key.stdout.trim() }
  const refused = await program(['restore', 'latest', '--shards', '2'], { cwd, env })
  expect(refused).toMatchObject({ code: 11, stderr: expect.stringContaining('is not encrypted') })
  const restored = await program(['restore', 'latest', '--shards', '2', '--allow-plain', '--json'], {
    cwd,
    env,
  })
  expect(restored.stderr).not.toContain('is not encrypted')
  expect(restored.code).toBe(0)
  const again = { cwd, env: { S3DB_CONNECTION: `file://${join(cwd, 'another')}` } }
  const opened = await program(['shard', 'open', 'latest', '--shards', '2', '--quiet'], again)
  expect(opened).toMatchObject({ code: 0, stdout: expect.stringMatching(/^restore-[0-9a-f]{16}\n$/) })
})
