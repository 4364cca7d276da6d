import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { enlarge, inDatabase } from '../../../apps/cli/test/databases.ts'
import { start } from '../../../apps/cli/test/program.ts'
import type { Outcome } from '../../../apps/cli/test/surroundings.ts'
import { scratch } from '../../../apps/plugin/test/scene.ts'
import { startLocalServer } from '../../s3/local-server/server.ts'
import { record } from '../record.ts'
import { canaries, leaksIn } from './canaries.ts'

const account = { accessKeyId: canaries.accessKeyId, secretAccessKey: canaries.secretAccessKey }
let server: Awaited<ReturnType<typeof startLocalServer>>
beforeAll(async () => {
  server = await startLocalServer([account])
})
afterAll(() => server.close())

let looked = 0

interface Watched extends Outcome {
  /** Everything that was in the directory for temporary files at some moment, with its mode. */
  readonly temporary: ReadonlyMap<string, number>
  /** What other users of the machine saw of the process. */
  readonly shown: string
}

/** Runs the command with a directory for temporary files of its own, and looks at it and at the process meanwhile. */
async function watched(
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
  kill?: NodeJS.Signals,
): Promise<Watched> {
  const temporaryFolder = join(cwd, 'temporary')
  await mkdir(temporaryFolder, { recursive: true })
  const { child, outcome } = start(args, { cwd, env: { TMPDIR: temporaryFolder, ...env } })
  const temporary = new Map<string, number>()
  let shown = ''
  const look = () => {
    for (const file of readdirSync(temporaryFolder, { recursive: true, encoding: 'utf8' })) {
      const mode = modeOf(join(temporaryFolder, file))
      if (mode !== undefined) temporary.set(file, mode)
    }
    shown += ['cmdline', 'comm'].map((what) => textOf(`/proc/${child.pid}/${what}`)).join(' ')
  }
  const timer = setInterval(look, 5)
  if (kill !== undefined) child.stderr?.once('data', () => child.kill(kill))
  const ended = await outcome.finally(() => clearInterval(timer))
  looked += 1
  // No temporary file is left, after success, failure and a signal alike.
  expect(readdirSync(temporaryFolder)).toEqual([])
  for (const [file, mode] of temporary) expect(mode & 0o077, file).toBe(0)
  expect(leaksIn(ended.stdout + ended.stderr + shown)).toEqual([])
  return { ...ended, temporary, shown }
}

function modeOf(path: string): number | undefined {
  try {
    return statSync(path).mode
  } catch {
    return undefined
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

async function makeDatabase(folder: string): Promise<void> {
  await inDatabase(folder, async (database) => {
    const people = await database.createResource({ name: 'people', attributes: { name: 'string' } })
    await people.insert({ id: 'person-0', name: canaries.record })
  })
}

/** In the environment, where they belong: other users do not see it. */
const secrets = {
  S3DB_CONNECTION: '',
  AWS_ACCESS_KEY_ID: canaries.accessKeyId,
  AWS_SECRET_ACCESS_KEY: canaries.secretAccessKey,
  AWS_SESSION_TOKEN: canaries.sessionToken,
  BACKUP_PASSPHRASE: canaries.passphrase,
}

it('no output, no process and no temporary file of the command shows a secret or a record', async () => {
  const cwd = scratch()
  await makeDatabase(join(cwd, 'database'))
  writeFileSync(join(cwd, 'phrase'), canaries.passphrase, { mode: 0o600 })
  const env = { ...secrets, S3DB_CONNECTION: `file://${cwd}/database` }
  const run = (...args: string[]) => watched(args, cwd, env)
  const made: { id: string } = JSON.parse((await run('backup', '--json', '--key-file', 'phrase')).stdout)
  for (const args of [
    ['show', made.id, '--json'],
    ['verify', made.id],
    ['verify', made.id, '--key-file', 'phrase', '--json'],
    ['restore', made.id, '--key-file', 'phrase', '--target', `file://${cwd}/restored`],
    ['restore', made.id, '--target', `file://${cwd}/other`],
    ['restore', 'full-nothing', '--json'],
  ])
    await run(...args)
})

it.each([
  [
    'an endpoint that does not answer',
    () => `s3://${encoded()}@bucket/x?endpoint=${encodeURIComponent('http://127.0.0.1:9')}`,
  ],
  [
    'a bucket that is not there',
    () => `s3://${encoded()}@bucket/x?endpoint=${encodeURIComponent(server.url)}`,
  ],
  ['an address that is none', () => `nonsense://user:${canaries.password}@host/x`],
])('%s: the failure shows no secret', async (_, address) => {
  const cwd = scratch()
  const { code } = await watched(['backup', '--json'], cwd, { ...secrets, S3DB_CONNECTION: address() })
  expect(code).not.toBe(0)
})

const encoded = () => [canaries.accessKeyId, canaries.secretAccessKey].map(encodeURIComponent).join(':')

it('SIGTERM in the middle of a backup leaves no temporary file and shows no secret', async () => {
  const cwd = scratch()
  await makeDatabase(join(cwd, 'database'))
  await enlarge(join(cwd, 'database'), 1500)
  const env = { ...secrets, S3DB_CONNECTION: `file://${cwd}/database` }
  const { code } = await watched(['backup', '--progress', 'json'], cwd, env, 'SIGTERM')
  expect(code).toBe(143)
  const backups = join(cwd, 'backups')
  // Whoever is stopped early enough has written nothing.
  const left = existsSync(backups) ? readdirSync(backups, { recursive: true, encoding: 'utf8' }) : []
  expect(left.filter((file) => file.endsWith('.tmp') || file.includes('.jsonl'))).toEqual([])
})

it('a file that a driver is writing is only readable by its owner', async () => {
  const cwd = scratch()
  await makeDatabase(join(cwd, 'database'))
  await enlarge(join(cwd, 'database'), 300)
  const { outcome } = start(['backup', '--connection', `file://${cwd}/database`], { cwd })
  const modes = new Set<number>()
  let seen = 0
  const timer = setInterval(() => {
    const all = (() => {
      try {
        return readdirSync(join(cwd, 'backups'), { recursive: true, encoding: 'utf8' })
      } catch {
        return []
      }
    })()
    for (const file of all.filter((name) => name.endsWith('.tmp'))) {
      const mode = modeOf(join(cwd, 'backups', file))
      // The mode becomes the final one just before the file gets its name.
      if (mode !== undefined && statSize(join(cwd, 'backups', file)) === 0) modes.add(mode & 0o777)
      seen += 1
    }
  }, 1)
  expect((await outcome.finally(() => clearInterval(timer))).code).toBe(0)
  for (const mode of modes) expect(mode).toBe(0o600)
  looked += seen > 0 ? 1 : 0
})

function statSize(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return -1
  }
}

afterAll(() =>
  record({
    suite: 'secrets',
    what: 'runs of the command',
    tried: looked,
    ended: { 'show no secret, leave no file': looked },
  }),
)
