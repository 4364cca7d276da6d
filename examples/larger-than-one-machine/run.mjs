// Backs up a database with four workers, two of which are killed, verifies the backup, restores it with three workers,
// one of which is killed, and compares every record. After `pnpm build`:
//
//   node examples/larger-than-one-machine/run.mjs [records, default 1000000] [folder, default a temporary one]
//
// It needs about 10 GB and four million files for a million records, and a Redis: the one in REDIS_URL, or one that
// tooling/redis finds or fetches.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const root = join(import.meta.dirname, '../..')
const cli = join(root, 'apps/cli')
// The s3db.js installed with the command.
const { Database, getCronManager } = await import(join(cli, 'node_modules/s3db.js/dist/index.js'))
getCronManager({ disabled: true, exitOnSignal: false, logLevel: 'silent' })
const { databaseSource } = await import(join(root, 'packages/s3db/dist/index.js'))
const [count = '1000000', given] = process.argv.slice(2)
const records = Number(count)
const folder = given ?? (await mkdtemp(join(tmpdir(), 'larger-than-one-machine-')))
const began = Date.now()
const say = (text) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  ${text}`)

const redisScript = join(root, 'tooling/redis/redis.sh')
const redisEnv = {
  ...process.env,
  REDIS_PORT: process.env.REDIS_PORT ?? '6384',
  REDIS_DIR: join(folder, 'redis'),
}
const redis = (what) =>
  execFileSync(redisScript, [what], { env: redisEnv, stdio: ['ignore', 'pipe', 'ignore'] })
redis('start')
const redisUrl = String(redis('env')).trim().slice('REDIS_URL='.length)

const original = `file://${join(folder, 'original')}`
const copy = `file://${join(folder, 'copy')}`
const env = {
  ...process.env,
  S3DB_CONNECTION: original,
  S3DB_BACKUP_PATH: join(folder, 'backups'),
  S3DB_BACKUP_REDIS: redisUrl,
}
const start = (args, more = {}, stderr = 'inherit') =>
  spawn(process.execPath, [join(cli, 'dist/bin.js'), ...args], {
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', stderr],
  })
const output = async (child) => {
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (piece) => (text += piece))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`It ended with ${code}`)
  return text.trim()
}

const open = async (connectionString) => {
  const database = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false })
  await database.connect()
  return database
}

// Fills the database: its first records are inserted, and the others are written in the form that s3db.js gave the
// first, which is faster.
{
  const database = await open(original)
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string', city: 'string', logins: 'number' },
  })
  const userOf = (i) => ({
    id: `u${String(i).padStart(9, '0')}`,
    name: `User ${i}`,
    city: ['Oslo', 'Rome'][i % 2],
    logins: 7,
  })
  for (let i = 0; i < Math.min(records, 100); i++) await users.insert(userOf(i))
  await database.disconnect()
  const data = join(folder, 'original/resource=users/data')
  const pathOf = (i) => join(data, `id=${userOf(i).id}`)
  const first = readFileSync(`${pathOf(0)}.meta.json`, 'utf8')
  for (let i = 100; i < records; i++) {
    const { name, city } = userOf(i)
    writeFileSync(pathOf(i), '')
    writeFileSync(
      `${pathOf(i)}.meta.json`,
      first.replace('"User 0"', JSON.stringify(name)).replace('"Oslo"', JSON.stringify(city)),
    )
  }
}
say(`a database of ${records.toLocaleString('en')} records`)

// Backs up with four workers.
const workers = [1, 2, 3, 4].map(() => start(['worker', '--quiet']))
const queueing = start(['shard', 'queue', '--shards', '24', '--quiet'])
const made = output(queueing)
// The plan is in the only directory there: nothing else has been backed up to this folder.
const stored = async () => {
  const names = await readdir(join(folder, 'backups')).catch(() => [])
  const id = names.find((name) => name.startsWith('full-'))
  return id === undefined
    ? 0
    : JSON.parse(await output(start(['shard', 'status', id, '--json'], {}, 'ignore'))).stored
}
for (const [at, worker] of [6, 14].map((least, i) => [least, workers[i]])) {
  while (queueing.exitCode === null && (await stored().catch(() => 0)) < at) await pause(1000)
  worker.kill('SIGKILL')
  say(`${at} of 24 shards are stored; a worker is killed`)
}
const id = await made
for (const worker of workers.slice(2)) worker.kill('SIGTERM')
say(`${id} is committed by the two that are left`)
await output(start(['verify', id, '--level', 'full', '--quiet']))
say('it is verified: every byte and every record')

// Restores with three workers.
const into = { S3DB_CONNECTION: copy }
const restore = await output(start(['shard', 'open', id, '--shards', '3', '--quiet'], into))
const write = (index) => start(['shard', 'write', restore, '--index', String(index), '--quiet'], into)
const writers = [0, 1, 2].map(write)
const ends = writers.map((child) => once(child, 'close'))
await Promise.race([pause(3000), ...ends])
writers[1].kill('SIGKILL')
await Promise.all(ends)
say('two shards of the restore are written; the worker of the third was killed')
await output(write(1))
await output(start(['shard', 'finish', restore, '--quiet'], into))
say('the third shard was written again, and the restore is finished')

// Compares both databases.
const signal = new AbortController().signal
const rowsOf = async function* (database) {
  for await (const { rows } of databaseSource(database).read('users', { signal })) yield* rows
}
const [before, after] = [await open(original), await open(copy)]
const theirs = rowsOf(after)
let equal = 0
for await (const row of rowsOf(before)) {
  const { value } = await theirs.next()
  if (JSON.stringify(value) !== JSON.stringify(row))
    throw new Error(`${row.id} differs: ${JSON.stringify(value)}`)
  equal += 1
}
if (!(await theirs.next()).done || equal !== records)
  throw new Error(`${equal} of ${records} records were compared`)
say(`${equal.toLocaleString('en')} of ${records.toLocaleString('en')} records are equal`)
redis('stop')
if (given === undefined) await rm(folder, { recursive: true, force: true })
process.exit(0)
