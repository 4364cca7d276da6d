import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exitCodes } from '../src/exit-codes.js'
import { makeDatabase, people, readPeople } from './databases.js'
import { program, start } from './program.js'
import { temporaryFolder } from './surroundings.js'

const port = 6383
const redis = (what: string) =>
  execFileSync(join(import.meta.dirname, '../../../tooling/redis/redis.sh'), [what], {
    env: {
      ...process.env,
      REDIS_URL: '',
      REDIS_PORT: String(port),
      REDIS_DIR: join(tmpdir(), 's3db-backup-redis-cli'),
    },
    stdio: 'ignore',
  })

beforeAll(() => void redis('start'))
afterAll(() => void redis('stop'))

test('workers make the backups of a queue until they are stopped', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const env = {
    S3DB_CONNECTION: `file://${join(cwd, 'database')}`,
    S3DB_BACKUP_REDIS: `redis://127.0.0.1:${port}`,
  }
  const workers = [start(['worker'], { cwd, env }), start(['worker', '--json'], { cwd, env })]
  const made = await program(['shard', 'queue', '--shards', '4', '--quiet'], { cwd, env })
  expect(made).toMatchObject({ code: 0, stderr: '' })
  const id = made.stdout.trim()
  const failing = await program(['shard', 'queue', 'not-planned'], { cwd, env })
  expect(failing.code).toBe(3)
  for (const { child } of workers) child.kill('SIGTERM')
  await Promise.all(workers.map(({ child }) => child.exitCode ?? once(child, 'exit')))
  const [first, second] = await Promise.all(workers.map(({ outcome }) => outcome))
  expect([first?.code, second?.code]).toEqual([0, 0])
  expect(`${first?.stdout}${second?.stdout}`).toContain(id)
  expect((await program(['verify', id, '--level', 'full'], { cwd, env })).code).toBe(0)
  const copy = { ...env, S3DB_CONNECTION: `file://${join(cwd, 'copy')}` }
  expect((await program(['restore', id], { cwd, env: copy })).code).toBe(0)
  expect(await readPeople(join(cwd, 'copy'))).toEqual(people)
})

test('a worker without a queue says what it needs', async () => {
  const cwd = await temporaryFolder()
  expect(await program(['worker'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Give --redis, or better set S3DB_BACKUP_REDIS'),
  })
})

test('a worker tells that its queue cannot be reached, and can be stopped all the same', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const env = {
    S3DB_CONNECTION: `file://${join(cwd, 'database')}`,
    S3DB_BACKUP_REDIS: 'redis://:hidden@127.0.0.1:9',
  }
  const { child, outcome } = start(['worker'], { cwd, env })
  let seen = ''
  child.stderr.on('data', (text: string) => {
    seen += text
    if (seen.includes('127.0.0.1:9')) child.kill('SIGTERM')
  })
  const { code, stderr } = await outcome
  expect(stderr).toContain('Cannot reach the queue at 127.0.0.1:9 (ECONNREFUSED)')
  expect(stderr).not.toContain('hidden')
  expect(code).toBe(0)
})

test('a queue that refuses the password ends the commands that need it', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const admin = connect(port, '127.0.0.1')
  admin.write('ACL SETUSER ann on >right ~* &* +@all\r\n')
  await once(admin, 'data')
  admin.destroy()
  const env = {
    S3DB_CONNECTION: `file://${join(cwd, 'database')}`,
    S3DB_BACKUP_REDIS: `redis://ann:wrong@127.0.0.1:${port}`,
  }
  for (const args of [['worker'], ['shard', 'queue', '--shards', '2']]) {
    const { code, stderr } = await program(args, { cwd, env })
    expect(stderr).toContain(`The queue at 127.0.0.1:${port} refuses the user or the password`)
    expect(code).toBe(exitCodes.permission_denied)
  }
})
