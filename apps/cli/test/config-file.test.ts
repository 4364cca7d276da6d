import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { temporaryFolder } from './surroundings.js'

let cwd: string
beforeEach(async () => {
  cwd = await temporaryFolder()
})

const write = (name: string, text: string) => writeFile(join(cwd, name), text)
const connect = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  command(['backup', ...args], { cwd, env })

// An unknown scheme is refused, by name, before anything is opened.

test('options win over the environment, and the environment over the file', async () => {
  await write('s3db-backup.config.json', JSON.stringify({ connection: `from-file://here` }))
  expect((await connect()).stderr).toContain('start with from-file://')
  const env = { S3DB_CONNECTION: `from-environment://here` }
  expect((await connect([], env)).stderr).toContain('start with from-environment://')
  expect((await connect(['--connection', `from-option://here`], env)).stderr).toContain(
    'start with from-option://',
  )
})

test('a configuration may be a module', async () => {
  await write('s3db-backup.config.mjs', `export default { connection: 'from-module://here' }`)
  expect((await connect()).stderr).toContain('start with from-module://')
})

test('--config names another file; a missing one exits with 3', async () => {
  await write('mine.json', JSON.stringify({ connection: `from-mine://here` }))
  expect((await connect(['--config', 'mine.json'])).stderr).toContain('start with from-mine://')
  expect(await connect(['--config', 'other.json'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('The configuration file other.json does not exist'),
  })
})

test('all errors of a file are reported at once, with the nearest names and without values', async () => {
  await write('s3db-backup.config.json', JSON.stringify({ conection: 's3://K:hidden-secret@b', path: 7 }))
  const { code, stderr } = await connect()
  expect(code).toBe(2)
  expect(stderr).toContain('unknown option conection (did you mean "connection"?)')
  expect(stderr).toContain('path:')
  expect(stderr).not.toContain('hidden-secret')
})

test('a file that is not JSON exits with 2 and is named', async () => {
  await write('s3db-backup.config.json', '{')
  expect(await connect()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Cannot load the configuration file'),
  })
})

test('a file that cannot be read is not said to be no JSON', async () => {
  await mkdir(join(cwd, 's3db-backup.config.json'))
  const { code, stderr } = await connect()
  expect(code).toBe(2)
  expect(stderr).toContain('s3db-backup.config.json: it is a folder')
  expect(stderr).toContain('let the user that runs this command read it')
  expect(stderr).not.toContain('It must be JSON')
})

test('the options of a driver are the driver’s business, and its complaints are shown', async () => {
  await write('s3db-backup.config.json', JSON.stringify({ config: { permisions: 0o600 } }))
  expect(await command(['list'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "permissions"?'),
  })
})

test('a byte order mark at the start of a file is allowed', async () => {
  await write('s3db-backup.config.json', `\uFEFF${JSON.stringify({ connection: 'from-marked://here' })}`)
  expect((await connect()).stderr).toContain('start with from-marked://')
})

test('paths in a file start at the folder of the file, ~ is the home folder, and JSON has absolute paths', async () => {
  await mkdir(join(cwd, 'etc'))
  await mkdir(join(cwd, 'home'))
  await makeDatabase(join(cwd, 'etc/database'))
  const config = { connection: 'file://./database', path: './kept', encryption: { keyFile: '~/backup.key' } }
  await write('etc/backup.json', JSON.stringify(config))
  const key = await command(['keygen', '--quiet'], { cwd })
  await write('home/backup.key', key.stdout)
  const env = { HOME: join(cwd, 'home') }
  const made = await command(['backup', '--config', 'etc/backup.json', '--json'], { cwd, env })
  expect(made).toMatchObject({ code: 0 })
  const { id, path, files, encrypted } = JSON.parse(made.stdout)
  expect({ path, metadata: files.metadata, encrypted }).toEqual({
    path: join(cwd, 'etc/kept', id),
    metadata: join(cwd, 'etc/kept', id, 's3db.json'),
    encrypted: true,
  })
  // A path on the command line is relative to the current directory.
  const listed = await command(['list', '--json', '--path', './etc/kept'], { cwd })
  expect(JSON.parse(listed.stdout).backups).toEqual([
    expect.objectContaining({ path: join(cwd, 'etc/kept', id) }),
  ])
})

test('an address is a destination and never a folder of that name', async () => {
  for (const path of ['s4://bucket/x', 'b2:bucket', 'https://host/x'])
    expect(await command(['backup', '--path', path], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Cannot store backups at'),
    })
  expect(await readdir(cwd)).toEqual([])
  expect(await command(['list', '--path', 'file:///nowhere/at/all'], { cwd })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('/nowhere/at/all'),
  })
})

test('an empty setting is an error: an empty key must not make a plain backup', async () => {
  const env = { S3DB_BACKUP_KEY: '', S3DB_BACKUP_PATH: '' }
  expect(await command(['list'], { cwd, env })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('S3DB_BACKUP_PATH, S3DB_BACKUP_KEY are set but empty'),
  })
  expect(await command(['list', '--path', ''], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--path is set but empty'),
  })
})
