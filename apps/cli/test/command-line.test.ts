import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../src/command-list.js'
import { buildProgram } from '../src/program.js'
import { openTerminal } from '../src/terminal/terminal.js'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { program } from './program.js'
import { temporaryFolder } from './surroundings.js'

const errorOf = (stderr: string): { error: Record<string, unknown> } => JSON.parse(stderr)

test('without a command, help is shown', async () => {
  const { code, stdout, stderr } = await program([], { cwd: await temporaryFolder() })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const name of ['backup', 'restore', 'list', 'show', 'verify', 'delete', 'demo', 'Examples:'])
    expect(stdout).toContain(name)
  expect(stdout).toContain('s3://KEY:SECRET@bucket')
})

test('every command has help with examples that fits into 80 columns', async () => {
  const screen: string[] = []
  const terminal = { ...openTerminal(process, []), print: (text = '') => void screen.push(text) }
  const session = { terminal, signal: new AbortController().signal, exitCode: 0 }
  const names = commands.map(({ name }) => name)
  for (const each of (await buildProgram(session, names)).commands) each.outputHelp()
  expect(screen.join('\n').match(/^Usage: /gm)).toHaveLength(commands.length)
  expect(screen.join('\n').match(/^Examples:/gm)).toHaveLength(commands.length)
  expect(screen.flatMap((text) => text.split('\n')).filter((line) => line.length > 80)).toEqual([])
})

test('--version prints the version and nothing else', async () => {
  const { stdout } = await program(['--version'], { cwd: await temporaryFolder() })
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
})

test('an unknown option, command or choice exits with 2 and names the nearest', async () => {
  const cwd = await temporaryFolder()
  const option = await command(['list', '--pth', 'x'], { cwd })
  expect(option).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('Did you mean --path?'),
  })
  const name = await command(['bakcup'], { cwd })
  expect(name).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean backup?') })
  const driver = await command(['list', '--driver', 'filesytem'], { cwd })
  expect(driver).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "filesystem"?') })
  const mode = await command(['restore', 'x', '--mode', 'merg'], { cwd })
  expect(mode).toMatchObject({ code: 2, stderr: expect.stringContaining('skip, merge, replace') })
})

test('with --json an error is one JSON document on stderr, even an error of the command line itself', async () => {
  const cwd = await temporaryFolder()
  const unknown = await program(['list', '--pth', 'x', '--json'], { cwd })
  expect(errorOf(unknown.stderr).error).toMatchObject({ code: 'invalid_options', exitCode: 2 })
  const missing = await program(['--json', 'show', 'full-2024-03-15T14-30-45-abc123'], { cwd })
  expect(missing).toMatchObject({ code: 3, stdout: '' })
  expect(errorOf(missing.stderr).error).toMatchObject({ code: 'not_found', statusCode: 404, exitCode: 3 })
})

test('an error says what happened, what to do and its code', async () => {
  const { stderr } = await command(['show', '../../etc'], { cwd: await temporaryFolder() })
  expect(stderr).toMatch(/^✗ Invalid backup id.*\n {2}A backup id looks like .*\n {2}\(invalid_options\)\n$/)
})

test('no output ever has the credentials of a connection string', async () => {
  const cwd = await temporaryFolder()
  const secret = 'wJalrXUtnFEMI/K7MDENG+bPx'
  const encoded = encodeURIComponent(secret)
  const attempts = [
    ['backup', '--connection', `s4://AKIAKEY:${encoded}@bucket`],
    ['backup', '--connection', `s3://AKIAKEY:${secret}@bucket`],
    ['backup', '--connection', `http://AKIAKEY:${encoded}@127.0.0.1:9/bucket`],
    ['backup', `--conection=s3://AKIAKEY:${encoded}@bucket`],
    ['list', `http://AKIAKEY:${encoded}@host/bucket`],
    ['restore', secret, '--target', `http://AKIAKEY:${encoded}@127.0.0.1:9/b`, '--json'],
  ]
  for (const args of attempts) {
    const env = { S3DB_CONNECTION: `s3://AKIAKEY:${encoded}@bucket` }
    const { code, stdout, stderr } = await program(args, { cwd, env })
    expect(code).not.toBe(0)
    expect(stdout + stderr).not.toContain(secret)
    expect(stdout + stderr).not.toContain(encoded)
    expect(stdout + stderr).not.toContain(encodeURIComponent(encoded))
  }
})

test('backup does not create the database that it should back up', async () => {
  const cwd = await temporaryFolder()
  const { code, stderr } = await command(['backup', '--connection', `file://${cwd}/typo`], { cwd })
  expect(code).toBe(3)
  expect(stderr).toContain(`There is no database at file://${cwd}/typo`)
  expect(await readdir(cwd)).toEqual([])
})

test('a restore without a target names the option of the examples', async () => {
  const { code, stderr } = await command(['restore', 'latest'], { cwd: await temporaryFolder() })
  expect(code).toBe(2)
  expect(stderr).toContain('Give --target <url> or set S3DB_CONNECTION.')
})

test('a database with a damaged s3db.json is left unchanged', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(cwd)
  const cut = '{"version": "1", "resou'
  await writeFile(join(cwd, 's3db.json'), cut)
  const { code, stderr } = await command(['backup', '--connection', `file://${cwd}`], { cwd })
  expect(code).toBe(7)
  expect(stderr).toContain('s3db.json is not JSON')
  expect(await readFile(join(cwd, 's3db.json'), 'utf8')).toBe(cut)
})

test('an empty destination lists nothing and is not an error; a missing one is not found', async () => {
  const cwd = await temporaryFolder()
  expect(await command(['list'], { cwd })).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining(`There are no backups in ${cwd}/backups: the directory does not exist`),
  })
  await mkdir(join(cwd, 'backups'))
  expect(await command(['list'], { cwd })).toEqual({
    code: 0,
    stdout: 'There are no backups here.\n',
    stderr: '',
  })
})
