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
