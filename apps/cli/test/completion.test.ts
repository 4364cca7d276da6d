import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'

let cwd: string
let id: string
const run = (...args: string[]) => command(args, { cwd, env: { S3DB_CONNECTION: `file://${cwd}/database` } })
const complete = async (...words: string[]) =>
  (await run('__complete', '--', ...words)).stdout.split('\n').filter((line) => line !== '')

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  id = (await run('backup', '-q')).stdout.trim()
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

test('commands, options, ids and resources are completed', async () => {
  expect(await complete('ver')).toEqual(['verify'])
  expect(await complete('list', '--gr')).toEqual(['--group-by'])
  expect(await complete('verify', '')).toEqual(['latest', id])
  expect(await complete('restore', 'full')).toEqual([id])
  expect(await complete('restore', id, '--resources', 'peo')).toEqual(['people'])
  expect(await complete('verify', '--path', 'elsewhere', '')).toEqual(['latest'])
  expect(await complete('nothing', '')).toEqual([])
})

test('completion never runs a configuration module, and prints no errors', async () => {
  await writeFile(
    join(cwd, 'evil.mjs'),
    `import fs from 'node:fs'; fs.writeFileSync('ran', ''); export default {}`,
  )
  await writeFile(join(cwd, 'wrong.json'), '{')
  for (const config of ['evil.mjs', 'wrong.json'])
    expect(await run('__complete', '--', 'verify', '--config', config, 'f')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    })
  expect(await readdir(cwd)).not.toContain('ran')
})

test('no shell runs the content of a name', async () => {
  const { stdout: script } = await run('completion', 'bash')
  const hostile = ['$(touch pwned)', '`touch pwned`', 'a;touch pwned', 'a b', "it's"]
  const names = hostile.map((name) => `'${name.replaceAll("'", "'\\''")}'`).join(' ')
  const shell = `s3db-backup() { printf '%s\\n' ${names}; }
${script}
COMP_WORDS=(s3db-backup restore x --resources '') COMP_CWORD=4
_s3db_backup
for word in "\${COMPREPLY[@]}"; do eval "printf '%s\\n' $word"; done`
  const { stdout } = await promisify(execFile)('bash', ['-c', shell], { cwd })
  expect(stdout.trimEnd().split('\n')).toEqual(hostile)
  expect(await readdir(cwd)).not.toContain('pwned')
  for (const other of ['zsh', 'fish']) expect(await run('completion', other)).toMatchObject({ code: 0 })
  expect(await run('completion', 'bsh')).toMatchObject({ code: 2, stderr: expect.stringContaining('bash') })
})
