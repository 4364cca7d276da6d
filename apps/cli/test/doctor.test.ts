import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { temporaryFolder } from './surroundings.js'

const doctor = async (cwd: string, connection: string) => {
  const args = ['doctor', '--connection', connection]
  const onScreen = await command(args, { cwd })
  const asJson = await command([...args, '--json'], { cwd })
  expect(asJson.code).toBe(onScreen.code)
  const { ok, findings } = JSON.parse(asJson.stdout)
  expect(ok).toBe(onScreen.code === 0)
  const ofDatabase = findings.find(({ check }: { check: string }) => check === 'database')
  return { ...onScreen, database: ofDatabase }
}

test('doctor opens the database that it is given', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  expect(await doctor(cwd, `file://${cwd}/database`)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('✓ The destination and the database are usable'),
    database: { level: 'ok' },
  })
})

test('doctor does not call usable what no backup could be made of', async () => {
  const cwd = await temporaryFolder()
  await mkdir(join(cwd, 'damaged'))
  await writeFile(join(cwd, 'damaged', 's3db.json'), '{')
  await mkdir(join(cwd, 'empty'))
  const cases = [
    [`file://${cwd}/damaged`, 7, 'corrupt'],
    [`file://${cwd}/empty`, 3, 'not_found'],
    [`file://${cwd}/nowhere`, 3, 'not_found'],
    ['http://KEY:hunter2@127.0.0.1:1/bucket', 5, 'unavailable'],
    ['ftp://KEY:hunter2@host/bucket', 2, 'invalid_options'],
  ] as const
  for (const [connection, code, reason] of cases) {
    const found = await doctor(cwd, connection)
    expect([connection, found.code]).toEqual([connection, code])
    expect(found.database).toMatchObject({ level: 'problem', error: { code: reason } })
    expect(found.stderr).toContain('✗ 1 problem')
    expect(found.stdout).not.toContain('usable')
    expect(found.stdout).not.toContain('hunter2')
  }
  expect((await readdir(cwd)).sort()).toEqual(['damaged', 'empty'])
})
