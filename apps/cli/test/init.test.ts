import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { temporaryFolder } from './surroundings.js'

async function scene() {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  return { cwd, env: { DB: `file://${cwd}/database` } }
}

const flags = ['--connection-env', 'DB', '--path', './kept', '--key-file', './my.key', '--schedule', 'daily']
const written = async (cwd: string, name = 's3db-backup.config.json') =>
  JSON.parse(await readFile(join(cwd, name), 'utf8'))

test('init writes a file that only its owner may read, without secrets, then tests it without leaving a backup', async () => {
  const { cwd, env } = await scene()
  const { code, stdout, stderr } = await command(['init', ...flags], { cwd, env })
  expect(code).toBe(0)
  expect(stdout).toContain('The destination and the database are usable')
  expect(stdout).toContain('Dry run: nothing was written')
  expect(stderr).toContain('Keep a copy elsewhere')
  expect(await written(cwd)).toEqual({
    connection: { env: 'DB' },
    path: './kept',
    encryption: { algorithm: 'AES-256-GCM', keyFile: './my.key' },
    schedule: { daily: '23 2 * * *' },
  })
  for (const name of ['s3db-backup.config.json', 'my.key'])
    expect((await stat(join(cwd, name))).mode & 0o777).toBe(0o600)
  expect(await readdir(cwd)).not.toContain('kept')
})

test('the file of init is all that the other commands need', async () => {
  const { cwd, env } = await scene()
  await command(['init', ...flags, '--quiet'], { cwd, env })
  const { code, stdout } = await command(['backup', '--json'], { cwd, env })
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ encrypted: true, records: 30 })
  const { DB } = env
  expect(await readFile(join(cwd, 's3db-backup.config.json'), 'utf8')).not.toContain(DB)
})

test('an existing configuration is not overwritten without --force, and a key never', async () => {
  const { cwd, env } = await scene()
  await command(['init', ...flags, '--quiet'], { cwd, env })
  const key = await readFile(join(cwd, 'my.key'), 'utf8')
  const again = await command(['init', ...flags], { cwd, env })
  expect(again).toMatchObject({ code: 11, stdout: '', stderr: expect.stringContaining('add --force') })
  const forced = await command(['init', ...flags, '--schedule', 'hourly', '--force'], { cwd, env })
  expect(forced.code).toBe(0)
  expect((await written(cwd)).schedule).toEqual({ hourly: '23 * * * *' })
  expect(await readFile(join(cwd, 'my.key'), 'utf8')).toBe(key)
})

test('without a terminal all missing options are named at once', async () => {
  const { cwd, env } = await scene()
  const { code, stderr } = await command(['init', '--path', 'x'], { cwd, env })
  expect(code).toBe(2)
  for (const option of ['--connection-env', '--key-file', '--no-encryption', '--no-schedule'])
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(option)
  expect(await readdir(cwd)).toEqual(['database'])
})

test('an address with a secret in it is refused, and nothing is written', async () => {
  const { cwd } = await scene()
  const given = ['--connection', 's3://KEY1:hidden-secret-1@bucket/app', '--path', 'x', '--no-encryption']
  const { code, stderr } = await command(['init', ...given, '--no-schedule'], { cwd })
  expect(code).toBe(2)
  expect(stderr).toContain('--connection contains credentials')
  expect(stderr).not.toContain('hidden-secret-1')
  expect(await readdir(cwd)).toEqual(['database'])
})

test('an invalid schedule is refused before a key or a file is written', async () => {
  const { cwd, env } = await scene()
  const { code, stderr } = await command(['init', ...flags, '--schedule', 'now and then'], { cwd, env })
  expect(code).toBe(2)
  expect(stderr).toContain('cron expression')
  expect(await readdir(cwd)).toEqual(['database'])
})

test('typed paths are relative to the current directory, wherever the file is', async () => {
  const { cwd, env } = await scene()
  await mkdir(join(cwd, 'etc'))
  const { code, stdout } = await command(['init', ...flags, '--config', 'etc/b.json', '--json'], { cwd, env })
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    config: join(cwd, 'etc/b.json'),
    keyFile: join(cwd, 'my.key'),
    doctor: { ok: true },
    dryRun: { dryRun: true, recordCount: 30 },
  })
  expect(await written(cwd, 'etc/b.json')).toMatchObject({ path: join(cwd, 'kept') })
})

test('an unusable destination ends init with its exit code, and the file stays', async () => {
  const { cwd, env } = await scene()
  await writeFile(join(cwd, 'kept'), 'a file')
  const { code } = await command(['init', ...flags], { cwd, env })
  expect(code).not.toBe(0)
  expect(await written(cwd)).toMatchObject({ path: './kept' })
})
