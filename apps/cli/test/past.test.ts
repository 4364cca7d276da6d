import { Database } from 's3db.js'
import { expect, test } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { command } from './command.js'
import { temporaryFolder } from './surroundings.js'

const clock = { now: Date.now() - 3_600_000 }
const s3 = await s3Server({}, { now: () => clock.now })

async function connected() {
  const bucket = await s3.anotherBucket()
  await bucket.versioning('Enabled')
  const connection = `${s3.address('app', bucket)}?forcePathStyle=true`
  const cwd = await temporaryFolder()
  const database = new Database({
    connectionString: connection,
    logLevel: 'silent',
    exitOnSignal: false,
    ...onS3,
  })
  await database.connect()
  const run = (...args: string[]) => command(args, { cwd, env: { S3DB_CONNECTION: connection } })
  return { database, run, cwd, bucket }
}

async function scene() {
  const { database, run, cwd, bucket } = await connected()
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  for (const id of ['ann', 'bob', 'cid']) await users.insert({ id, name: id })
  clock.now += 60_000
  const at = new Date(clock.now).toISOString()
  clock.now += 60_000
  await users.replace('ann', { name: 'spoilt' })
  await users.delete('bob')
  await users.insert({ id: 'new', name: 'new' })
  clock.now += 60_000
  await database.disconnect()
  return { run, at, cwd, bucket }
}

test('undo of what nobody can tell any more brings nothing back, and says so by its exit code', async () => {
  const { database, run, bucket } = await connected()
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insert({ id: 'ann', name: 'ann' })
  clock.now += 60_000
  const at = new Date(clock.now).toISOString()
  clock.now += 60_000
  await bucket.versioning('Suspended')
  await users.replace('ann', { name: 'spoilt' })
  await bucket.versioning('Enabled')
  clock.now += 60_000
  await database.disconnect()
  expect(await run('undo', '--since', at, '--dry-run')).toMatchObject({ code: 0 })
  const undone = await run('undo', '--since', at, '--yes')
  expect(undone.stdout).toContain('? users ann: it was written later while versioning was off')
  expect(undone.code).toBe(12)
})

test('undo shows the differences, asks, and restores them as new versions', async () => {
  const { run, at } = await scene()
  const dry = await run('undo', '--since', at, '--dry-run')
  expect(dry).toMatchObject({ code: 0 })
  expect(dry.stdout).toContain('~ users ann: name')
  expect(dry.stdout).toContain('- users bob')
  expect(dry.stdout).toContain('+ users new')
  expect(dry.stdout).toContain('1 record was created since then and stays; --created removes it.')
  expect(await run('undo', '--since', at)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('No terminal to confirm on'),
  })
  const done = await run('undo', '--since', at, '--yes', '--json')
  expect(done).toMatchObject({ code: 0 })
  expect(JSON.parse(done.stdout)).toMatchObject({
    resources: { users: { broughtBack: 2, removed: 0, changedMeanwhile: [], failed: [] } },
  })
  clock.now += 60_000
  const created = await run('undo', '--since', at, '--created', '--yes')
  expect(created).toMatchObject({ code: 0, stdout: expect.stringContaining('1 removed') })
  expect(created.stdout).not.toContain('stays')
  clock.now += 60_000
  const nothing = await run('undo', '--since', at, '--dry-run')
  expect(nothing.stdout).toContain('Every record is as it was at')
  const history = await run('history', 'users', 'ann', '--versions', '--diff', '--json')
  const { versions } = JSON.parse(history.stdout)
  expect(versions.map(({ change }: { change: string }) => change)).toEqual(['written', 'written', 'written'])
  expect(versions[1].fields).toEqual([{ field: 'name', from: '"ann"', to: '"spoilt"' }])
})

test('recover writes the database as it was into another one', async () => {
  const { run, at, cwd } = await scene()
  const made = await run('recover', '--at', at, '--target', `file://${cwd}/look`, '--json')
  expect(made).toMatchObject({ code: 0 })
  expect(JSON.parse(made.stdout)).toMatchObject({ asOf: at, resources: { users: { restored: 3, lost: [] } } })
  const other = await run('recover', '--at', at, '--ids', 'bob', '--yes')
  expect(other).toMatchObject({ code: 0, stdout: expect.stringContaining('1 record brought back') })
})

test('backup --at makes an ordinary backup of the past', async () => {
  const { run, at } = await scene()
  const made = await run('backup', '--at', at, '-q')
  expect(made).toMatchObject({ code: 0 })
  const rows = await run('cat', made.stdout.trim(), 'users', '--json')
  expect(JSON.parse(rows.stdout).map(({ name }: { name: string }) => name)).toEqual(['ann', 'bob', 'cid'])
  expect(await run('backup', '--at', '2024-03-15T14:30:00')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no time zone'),
  })
  expect(await run('backup', 'incremental', '--at', at)).toMatchObject({ code: 2 })
  const early = await run('backup', '--at', new Date(clock.now - 86_400_000 * 3).toISOString())
  expect(early).toMatchObject({ code: 3, stderr: expect.stringContaining('oldest version') })
})

test('latest is the newest moment, not the last made backup of the past', async () => {
  const { run, at } = await scene()
  const live = (await run('backup', '-q')).stdout.trim()
  const past = (await run('backup', '--at', at, '-q')).stdout.trim()
  const shown = async (id: string) => JSON.parse((await run('show', id, '--json')).stdout).id
  expect(await shown('latest')).toBe(live)
  await run('delete', live, '--yes')
  expect(await shown('latest')).toBe(past)
})

test('doctor reports how far back the versions of the bucket reach', async () => {
  const { run, bucket } = await scene()
  const checkOf = async () => {
    const { stdout } = await run('doctor', '--json')
    return JSON.parse(stdout).findings.find(({ check }: { check: string }) => check === 'versions')
  }
  expect(await checkOf()).toMatchObject({ level: 'ok', message: expect.stringContaining('no rule removes') })
  await bucket.lifecycle(
    '<LifecycleConfiguration><Rule><Status>Enabled</Status><NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration></Rule></LifecycleConfiguration>',
  )
  expect(await checkOf()).toMatchObject({ message: expect.stringContaining('30 days after') })
  s3.proxy.add({ match: /[?&]versions/, fault: { kind: 'answer', status: 403, code: 'AccessDenied' } })
  expect(await checkOf()).toMatchObject({
    level: 'note',
    suggestion: expect.stringContaining('s3:ListBucketVersions'),
  })
  s3.proxy.clear()
  await bucket.versioning('Suspended')
  expect(await checkOf()).toMatchObject({ level: 'note', message: expect.stringContaining('suspended') })
})
