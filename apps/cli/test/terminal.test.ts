import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { enlarge, makeDatabase } from './databases.js'
import { bin } from './program.js'
import { cleanEnvironment } from './surroundings.js'

// `script` of util-linux runs a command in a terminal of its own; other systems have another or none.
const hasScript =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true

/** Runs the command as if a person sat in front of it, and types what is given. */
function inTerminal(
  args: readonly string[],
  cwd: string,
  options: { env?: Record<string, string>; type?: string; answers?: readonly string[] } = {},
) {
  const line = [process.execPath, bin, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn(
    'script',
    ['--quiet', '--return', '--command', `stty cols 80 rows 24; ${line}`, '/dev/null'],
    {
      cwd,
      env: cleanEnvironment(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  )
  return new Promise<{ code: number | null; screen: string }>((resolve, reject) => {
    let screen = ''
    const answers = [...(options.answers ?? [])]
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text
      if (options.type !== undefined && text.includes('[y/N]')) child.stdin.write(`${options.type}\r`)
      // A question ends with its usual answer; the cursor is put behind it.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how a terminal is told.
      if (/\]: (\x1b\[\d+G)?$/.test(text) && answers.length > 0) child.stdin.write(`${answers.shift()}\r`)
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, screen: screen.replaceAll('\r\n', '\n') }))
  })
}

/** What is left to see on the last line after everything that was written over. */
const visible = (line: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals understand.
  (line.split('\r').at(-1) ?? '').replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, '')

let cwd: string
let id: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  const { stdout } = await command(['backup', '-q', '--connection', `file://${cwd}/database`], { cwd })
  id = stdout.trim()
  await enlarge(join(cwd, 'database'), 500)
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

test.skipIf(!hasScript)('on a terminal a backup shows a moving line, and removes it at the end', async () => {
  const args = ['backup', '--connection', `file://${cwd}/database`, '--path', 'other']
  const { code, screen } = await inTerminal(args, cwd)
  expect(code).toBe(0)
  expect(screen).toContain('Backing up')
  const [first = '', ...rest] = screen.split('\n').map(visible)
  expect(first).toBe('✓ full backup created successfully')
  expect(rest.join('\n')).not.toContain('Backing up')
  // The cursor is visible again at the end.
  expect(screen.lastIndexOf('\x1b[?25h')).toBeGreaterThan(screen.lastIndexOf('\x1b[?25l'))
})

test.skipIf(!hasScript)('a terminal gets colours, unless NO_COLOR or --no-color is given', async () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences begin with one.
  const color = /\x1b\[[0-9;]*m/
  expect((await inTerminal(['list'], cwd)).screen).toMatch(color)
  expect((await inTerminal(['list'], cwd, { env: { NO_COLOR: '1' } })).screen).not.toMatch(color)
  expect((await inTerminal(['list', '--no-color'], cwd)).screen).not.toMatch(color)
})

test('without a terminal there are colours only with FORCE_COLOR', async () => {
  expect((await command(['list'], { cwd })).stdout).not.toContain('\x1b')
  expect((await command(['list'], { cwd, env: { FORCE_COLOR: '1' } })).stdout).toContain('\x1b[32m✓')
})

test('without a terminal there is no moving line', async () => {
  const args = ['verify', id, '--progress', 'auto']
  expect((await command(args, { cwd })).stderr).toBe('')
})

test.skipIf(!hasScript)('a list on 80 columns has no line that wraps', async () => {
  const { screen } = await inTerminal(['list'], cwd, { env: { NO_COLOR: '1' } })
  expect(screen).toContain(id)
  expect(screen.split('\n').filter((line) => line.length > 80)).toEqual([])
})

test.skipIf(!hasScript)('a restore reports how many records it would remove, and asks', async () => {
  const args = ['restore', id, '--mode', 'replace', '--target', `file://${cwd}/database`]
  const { code, screen } = await inTerminal(args, cwd, { type: '' })
  expect(code).toBe(0)
  expect(screen).toContain('500 records that are not in the backup will be removed (people: 500)')
  expect(screen).toContain('Nothing was restored.')
  expect(await readdir(join(cwd, 'database/resource=people/data'))).toContain('id=copy-0')
})

test.skipIf(!hasScript)('delete asks on a terminal, and does nothing unless the answer is yes', async () => {
  const no = await inTerminal(['delete', id], cwd, { type: '' })
  expect(no.screen).toContain('Nothing was deleted.')
  expect(await readdir(join(cwd, 'backups'))).toEqual([id])
  const interrupted = await inTerminal(['delete', id], cwd, { type: '\x03' })
  expect(interrupted.code).toBe(130)
  expect(await readdir(join(cwd, 'backups'))).toEqual([id])
  const yes = await inTerminal(['delete', id], cwd, { type: 'y' })
  expect(yes.screen).toContain(`${id} deleted`)
  expect(await readdir(join(cwd, 'backups'))).toEqual([])
})

test.skipIf(!hasScript)('init asks for everything without an option, and accepts no secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  try {
    const answers = [
      's3://KEY1:hidden-secret-1@bucket/app',
      `file://${cwd}/database`,
      './kept',
      'y',
      '',
      'none',
    ]
    const { code, screen } = await inTerminal(['init'], folder, { answers })
    expect(screen).toContain('That address contains a secret.')
    expect(screen).toContain('Dry run: nothing was written.')
    expect(code).toBe(0)
    expect(JSON.parse(await readFile(join(folder, 's3db-backup.config.json'), 'utf8'))).toEqual({
      connection: `file://${cwd}/database`,
      path: './kept',
      encryption: { algorithm: 'AES-256-GCM', keyFile: './s3db-backup.key' },
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
