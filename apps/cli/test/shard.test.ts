import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase, people, readPeople } from './databases.js'
import type { Outcome } from './surroundings.js'

let cwd: string

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-shard-'))
  await makeDatabase(join(cwd, 'database'))
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

const at = (folder: string) => `file://${cwd}/${folder}`
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
  command(args, { cwd, env: { S3DB_CONNECTION: at('database'), ...env } })

async function planned(...more: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['shard', 'plan', '--shards', '3', '--quiet', ...more])
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return stdout.trim()
}

test('a backup is planned, its shards are run as engines name them, and it is committed and restored', async () => {
  const id = await planned('--metadata', 'reason=test')
  const lacking = await run(['shard', 'commit', id])
  expect(lacking).toMatchObject({ code: 11 })
  expect(lacking.stderr).toContain('lacks 3 of 3 shards: 0, 1, 2')
  const first = await run(['shard', 'run'], { JOB_COMPLETION_INDEX: '0', S3DB_BACKUP_PLAN: id })
  expect(first.stdout).toMatch(/✓ shard 0 of full-\S+ stored with \d+ records in /)
  expect(first.code).toBe(0)
  expect((await run(['shard', 'run', id, '--json'], { AWS_BATCH_JOB_ARRAY_INDEX: '1' })).code).toBe(0)
  const open = await run(['shard', 'status', id])
  expect(open.stdout).toBe(`${id} is open: 2 of 3 shards stored; lacking: 2\n`)
  expect((await run(['shard', 'run', id, '--index', '2'])).code).toBe(0)
  expect((await run(['shard', 'run', id, '--index', '2'])).stdout).toContain('was stored before')
  expect((await run(['shard', 'status', id, '--json'])).code).toBe(0)
  const committed = await run(['shard', 'commit', id])
  expect(committed.code).toBe(0)
  expect(committed.stdout).toContain('Records:   30')
  expect(committed.stdout).toContain('reason=test')
  expect((await run(['shard', 'commit', id, '--quiet'])).stdout).toBe(`${id}\n`)
  expect((await run(['shard', 'run', id, '--index', '0'])).stdout).toContain('the backup is committed')
  expect((await run(['verify', id, '--level', 'full'])).code).toBe(0)
  expect((await run(['restore', id, '--target', at('copy')])).code).toBe(0)
  expect(await readPeople(join(cwd, 'copy'))).toEqual(people)
})

test('an incremental backup is made in shards', async () => {
  const id = await planned('--type', 'incremental', '--since', 'latest')
  for (const index of ['0', '1', '2'])
    expect((await run(['shard', 'run', id, '--index', index])).code).toBe(0)
  const { code, stdout } = await run(['shard', 'commit', id])
  expect(code).toBe(0)
  expect(stdout).toContain('Parent:')
})

test('an encrypted backup is made in shards, and no shard runs without its key', async () => {
  const key = (await run(['keygen', '--quiet'])).stdout.trim()
  const env = { S3DB_BACKUP_KEY: key, S3DB_BACKUP_PATH: 'encrypted' }
  const { stdout } = await run(['shard', 'plan', '--shards', '2', '--quiet'], env)
  const id = stdout.trim()
  expect((await run(['shard', 'run', id, '--index', '0'], { S3DB_BACKUP_PATH: 'encrypted' })).code).toBe(8)
  for (const index of ['0', '1'])
    expect((await run(['shard', 'run', id, '--index', index], env)).code).toBe(0)
  expect((await run(['shard', 'commit', id], env)).code).toBe(0)
})

test('an aborted plan leaves no parts', async () => {
  const id = await planned('--path', 'given-up')
  expect((await run(['shard', 'run', id, '--index', '1', '--path', 'given-up'])).code).toBe(0)
  const { code, stdout } = await run(['shard', 'abort', id, '--path', 'given-up'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/aborted \(\d+ files/)
  expect(await readdir(join(cwd, 'given-up', id))).toEqual(['failed.json'])
  expect((await run(['shard', 'run', id, '--index', '1', '--path', 'given-up'])).code).toBe(3)
})

test.each([
  [['shard', 'run', 'x'], 'The index of the shard is missing'],
  [['shard', 'run', '--index', '0'], 'No plan given'],
  [['shard', 'run', 'x', '--index', '-1'], '--index is "-1"'],
  [['shard', 'plan'], 'The number of shards is missing'],
  [['shard', 'rn'], 'Allowed choices are plan, run, commit, status, abort, queue, open'],
])('%j is refused with an explanation', async (args, told) => {
  const { code, stderr } = await run(args)
  expect(stderr).toContain(told)
  expect(code).toBe(2)
})

test('several destinations are refused, and sync copies the backup of one to the others', async () => {
  const drivers = ['one', 'two'].map((path) => ({ driver: 'filesystem', config: { path: join(cwd, path) } }))
  await writeFile(join(cwd, 'many.json'), JSON.stringify({ driver: 'multi', config: { drivers } }))
  const { code, stderr } = await run(['shard', 'plan', '--shards', '2', '--config', 'many.json'])
  expect(stderr).toContain('several are configured')
  expect(stderr).toContain('sync copies the backup to the others')
  expect(code).toBe(2)
  const id = await planned('--path', 'one')
  for (const index of ['0', '1', '2'])
    expect((await run(['shard', 'run', id, '--index', index, '--path', 'one'])).code).toBe(0)
  expect((await run(['shard', 'commit', id, '--path', 'one'])).code).toBe(0)
  expect((await run(['sync', id, '--config', 'many.json'])).code).toBe(0)
  expect((await run(['verify', id, '--level', 'full', '--path', 'two'])).code).toBe(0)
})

test('a backup is restored by processes that get an id and an index', async () => {
  const { stdout } = await run(['backup', '--quiet', '--path', 'restored'])
  const id = stdout.trim()
  const env = { S3DB_CONNECTION: at('by-many'), S3DB_BACKUP_PATH: 'restored' }
  const opened = await run(['shard', 'open', id, '--shards', '2', '--quiet'], env)
  expect(opened).toMatchObject({ code: 0, stderr: '' })
  const restore = opened.stdout.trim()
  expect((await run(['shard', 'write', restore, '--index', '0'], env)).stdout).toContain(
    'written with 15 records',
  )
  expect(await run(['shard', 'finish', restore], env)).toMatchObject({ code: 11 })
  expect((await run(['shard', 'write', restore, '--json'], { ...env, JOB_COMPLETION_INDEX: '1' })).code).toBe(
    0,
  )
  expect((await run(['shard', 'write', restore, '--index', '1'], env)).stdout).toContain('was written before')
  const finished = await run(['shard', 'finish', restore, '--json'], env)
  expect(JSON.parse(finished.stdout).resources.people).toMatchObject({ restored: 30 })
  expect(await readPeople(join(cwd, 'by-many'))).toEqual(people)
})

test('mode replace needs a confirmation', async () => {
  const { code, stderr } = await run(['shard', 'open', 'x', '--shards', '2', '--mode', 'replace'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('add --yes')])
})

test('a backup of one moment is not made in shards, because each process reads at its own time', async () => {
  await writeFile(join(cwd, 'moment.json'), JSON.stringify({ snapshot: 'versions' }))
  const { code, stderr } = await run(['shard', 'plan', '--shards', '2', '--config', 'moment.json'])
  expect(stderr).toContain('cannot be of one moment')
  expect(code).toBe(2)
})
