import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { command } from './command.js'
import { temporaryFolder } from './surroundings.js'

let cwd: string
beforeEach(async () => {
  cwd = await temporaryFolder()
})

const write = (name: string, text: string) => writeFile(join(cwd, name), text)
const connect = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  command(['backup', ...args], { cwd, env })

// A scheme that nobody knows is refused, by name, before anything is opened.

test('options win over the environment, and the environment over the file', async () => {
  await write('s3db-backup.config.json', JSON.stringify({ connection: `from-file://here` }))
  expect((await connect()).stderr).toContain('begin with from-file://')
  const env = { S3DB_CONNECTION: `from-environment://here` }
  expect((await connect([], env)).stderr).toContain('begin with from-environment://')
  expect((await connect(['--connection', `from-option://here`], env)).stderr).toContain(
    'begin with from-option://',
  )
})

test('a configuration may be a module', async () => {
  await write('s3db-backup.config.mjs', `export default { connection: 'from-module://here' }`)
  expect((await connect()).stderr).toContain('begin with from-module://')
})

test('--config names another file; one that is not there exits with 3', async () => {
  await write('mine.json', JSON.stringify({ connection: `from-mine://here` }))
  expect((await connect(['--config', 'mine.json'])).stderr).toContain('begin with from-mine://')
  expect(await connect(['--config', 'other.json'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('There is no configuration file other.json'),
  })
})

test('all mistakes of a file are told at once, with the nearest names, and no values', async () => {
  await write('s3db-backup.config.json', JSON.stringify({ conection: 's3://K:hidden-secret@b', path: 7 }))
  const { code, stderr } = await connect()
  expect(code).toBe(2)
  expect(stderr).toContain('unknown option conection (did you mean "connection"?)')
  expect(stderr).toContain('path:')
  expect(stderr).not.toContain('hidden-secret')
})

test('a file that is no JSON exits with 2 and says which', async () => {
  await write('s3db-backup.config.json', '{')
  expect(await connect()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('s3db-backup.config.json could not be loaded'),
  })
})

test('the options of a driver are the driver’s business, and its complaints are shown', async () => {
  await write('s3db-backup.config.json', JSON.stringify({ config: { permisions: 0o600 } }))
  expect(await command(['list'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "permissions"?'),
  })
})
