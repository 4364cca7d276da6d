import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { start } from './program.js'

let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

const driver = pathToFileURL(
  join(import.meta.dirname, '../../../packages/driver-filesystem/dist/index.js'),
).href

/** Starts a backup to a place that takes no part until it is told to stop, and waits until a part is on its way. */
async function begunBackup(path: string) {
  const config = `
    import { filesystem } from ${JSON.stringify(driver)}
    const files = filesystem({ path: ${JSON.stringify(path)} })
    const put = async (key, body, call) => {
      if (!key.includes('.jsonl')) return files.put(key, body, call)
      async function* unending() {
        yield* body
        process.stderr.write('a part is on its way\\n')
        const connection = setInterval(() => undefined, 1000)
        await new Promise((resolve) => call.signal.addEventListener('abort', resolve))
        clearInterval(connection)
        throw call.signal.reason
      }
      return files.put(key, unending(), call)
    }
    export default { driver: Object.assign(Object.create(files), { put }) }`
  await writeFile(join(cwd, `${path}.mjs`), config)
  const args = ['backup', '--connection', `file://${cwd}/database`, '--config', `${path}.mjs`]
  const started = start(args, { cwd })
  const begun = new Promise<true>((resolve) =>
    started.child.stderr?.on('data', (text: string) => {
      if (text.includes('on its way')) resolve(true)
    }),
  )
  // If the process ends earlier, the assertion shows its outcome.
  expect(await Promise.race([begun, started.outcome])).toBe(true)
  return started
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s during a backup cleans up and leaves no backup', async (signal, exitCode) => {
  const { child, outcome } = await begunBackup(signal)
  child.kill(signal)
  const { code, stdout, stderr } = await outcome
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
  expect(stderr).toContain('Stopping…')
  expect(stderr).toContain('Stopped.')
  expect((await command(['list', '--path', signal], { cwd })).stdout).toContain('There are no backups')
})

test('twice also ends with 130, and leaves no backup', async () => {
  const { child, outcome } = await begunBackup('twice')
  child.kill('SIGINT')
  child.stderr?.on('data', (text: string) => {
    if (text.includes('Stopping')) child.kill('SIGINT')
  })
  const { code, stderr } = await outcome
  // By the signal itself, if a file system has not answered yet. A shell reports both as 130.
  expect(code ?? child.signalCode).toBeOneOf([130, 'SIGINT'])
  expect(stderr).toContain('press Ctrl-C again')
  expect((await command(['list', '--quiet', '--path', 'twice'], { cwd })).stdout).toBe('')
})

test.runIf(process.platform === 'linux')(
  'Ctrl-C ends the process although a file system does not answer',
  async () => {
    const database = join(cwd, 'silent')
    await mkdir(database)
    const pipes = ['s3db.json', 's3db.json.meta.json'].map((name) => join(database, name))
    execFileSync('mkfifo', pipes)
    const { child, outcome } = start(['backup', '--connection', `file://${database}`, '--path', 'x'], { cwd })
    // Opened for writing once it waits there to read. Nothing is ever written.
    const opened = () =>
      pipes.flatMap((pipe) => {
        try {
          return [openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)]
        } catch {
          return []
        }
      })
    let held: number[] = []
    await vi.waitFor(
      () => {
        held = opened()
        expect(held).not.toEqual([])
      },
      { timeout: 60_000 },
    )
    child.kill('SIGINT')
    expect((await outcome).stderr).toContain('Stopped.')
    expect(child.signalCode).toBe('SIGINT')
    for (const file of held) closeSync(file)
  },
)

test('Ctrl-C during a restore reports what was written, and the command that continues', async () => {
  await command(['backup', '--quiet', '--connection', `file://${cwd}/database`, '--path', 'whole'], { cwd })
  const { stdout } = await command(['list', '-q', '--path', 'whole'], { cwd })
  // A destination that returns the first part and then nothing until it is told to stop.
  await writeFile(
    join(cwd, 'stuck.mjs'),
    `
    import { filesystem } from ${JSON.stringify(driver)}
    const files = filesystem({ path: ${JSON.stringify(join(cwd, 'whole'))} })
    const get = async function* (key, call) {
      if (key.includes('people.jsonl')) {
        process.stderr.write('a part is on its way\\n')
        const connection = setInterval(() => undefined, 1000)
        await new Promise((resolve) => call.signal.addEventListener('abort', resolve))
        clearInterval(connection)
        throw call.signal.reason
      }
      yield* files.get(key, call)
    }
    export default { driver: Object.assign(Object.create(files), { get }) }`,
  )
  const args = [
    'restore',
    'latest',
    '--target',
    `file://${cwd}/again`,
    '--config',
    'stuck.mjs',
    '--no-verify',
  ]
  for (const json of [[], ['--json']]) {
    const { child, outcome } = start([...args, ...json], { cwd })
    child.stderr?.on('data', (text: string) => {
      if (text.includes('on its way')) child.kill('SIGINT')
    })
    const { code, stderr } = await outcome
    expect(code).toBe(130)
    const again = `To go on, run it again: s3db-backup ${args.join(' ').replace('latest', stdout.trim())}`
    expect(stderr).toContain(again)
    expect(stderr).toMatch(json.length === 0 ? /Not started: .*nothing|nothing is complete/ : /"notBegun":/)
  }
})
