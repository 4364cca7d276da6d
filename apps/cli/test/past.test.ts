import { join } from 'node:path'
import { BackupPlugin } from '@s3db-backup/plugin'
import { Database } from 's3db.js'
import { expect, test } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { storedBackups } from '../src/schedule/follow.js'
import { command } from './command.js'
import { temporaryFolder } from './surroundings.js'

const clock = { now: Date.now() - 4 * 86_400_000 }
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
  expect(dry.stdout).toContain('1 record was created since then and stays; undo --created removes it.')
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

test('latest, and the newest success of health, is the newest moment, not the backup of the past that was made last', async () => {
  const { run, at, cwd } = await scene()
  const live = (await run('backup', '-q')).stdout.trim()
  const past = (await run('backup', '--at', at, '-q')).stdout.trim()
  const shown = async (id: string) => JSON.parse((await run('show', id, '--json')).stdout).id
  expect(await shown('latest')).toBe(live)
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path: join(cwd, 'backups') } })
  const newest = async () => (await storedBackups(plugin, new AbortController().signal)).newest
  expect((await newest())?.id).toBe(live)
  await run('delete', live, '--yes')
  expect(await shown('latest')).toBe(past)
  // As old as what it has, not as when it was made.
  expect(Date.now() - ((await newest())?.at ?? 0)).toBeGreaterThan(86_400_000)
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
  s3.proxy.add({ match: /[?&]versionId=/, fault: { kind: 'answer', status: 403, code: 'AccessDenied' } })
  expect(await checkOf()).toMatchObject({
    level: 'note',
    suggestion: expect.stringContaining('s3:GetObjectVersion'),
  })
  s3.proxy.clear()
  await bucket.versioning('Suspended')
  expect(await checkOf()).toMatchObject({ level: 'note', message: expect.stringContaining('suspended') })
})

test('what nobody can tell of is named, and the command says that it is not whole', async () => {
  const { run, at, bucket } = await scene()
  const remove = async (id: string) => {
    const [first] = (await bucket.versions(`app/resource=users/data/id=${id}`)).slice(-1)
    if (first !== undefined) await bucket.removeVersion(first)
  }
  await remove('bob')
  await run('undo', '--since', at, '--ids', 'ann', '--yes')
  clock.now += 60_000
  const unknown = await run('undo', '--since', at, '--yes')
  expect(unknown).toMatchObject({ code: 12, stdout: expect.stringContaining('? users bob') })
  const dry = await run('undo', '--since', at, '--dry-run')
  expect(dry).toMatchObject({ code: 0 })
  const asked = await run('undo', '--since', at, '--ids', 'ann,nobody', '--yes')
  expect(asked).toMatchObject({ code: 12, stderr: expect.stringContaining('nobody') })
  expect(asked.stdout).not.toContain('bob')
  expect(JSON.parse((await run('undo', '--since', at, '--dry-run', '--json')).stdout)).toMatchObject({
    near: 0,
    notFound: [],
    doubts: [],
    dryRun: true,
  })
})

test('a moment that rules may have touched, and may not be read, is told with what may be missing', async () => {
  const { run, at } = await scene()
  const denied = { kind: 'answer', status: 403, code: 'AccessDenied' } as const
  clock.now += 86_400_000
  s3.proxy.add({ match: /[?&]lifecycle/, fault: denied })
  const undone = await run('undo', '--since', at, '--dry-run')
  expect(undone).toMatchObject({ code: 0, stderr: expect.stringContaining('s3:GetLifecycleConfiguration') })
  expect(undone.stdout).toContain('? users new')
  const made = await run('backup', '--at', at, '--resources', 'users')
  expect(made).toMatchObject({ code: 12, stderr: expect.stringContaining('may have left no trace') })
  s3.proxy.clear()
})

test('versions within two seconds of the moment are counted on the screen and in JSON', async () => {
  const { run, cwd } = await scene()
  // In the same second as the changes.
  const at = new Date(clock.now - 61_000).toISOString()
  const text = expect.stringContaining('3 versions were written within two seconds of that time')
  for (const words of [
    ['undo', '--since', at, '--dry-run'],
    ['recover', '--at', at, '--dry-run'],
    ['recover', '--at', at, '--target', `file://${cwd}/look`, '--dry-run'],
    ['backup', '--at', at],
    ['backup', '--at', at, '--dry-run'],
  ]) {
    expect([words, await run(...words)]).toEqual([words, expect.objectContaining({ code: 0, stderr: text })])
    expect(JSON.parse((await run(...words, '--json')).stdout)).toMatchObject({ near: 3 })
  }
})

test('a time that is closer than five seconds to the clock of the storage is refused', async () => {
  const { run, cwd } = await scene()
  const at = new Date(clock.now - 4000).toISOString()
  for (const words of [
    ['backup', '--at', at],
    ['undo', '--since', at, '--yes'],
    ['recover', '--at', at, '--target', `file://${cwd}/look`],
  ])
    expect(await run(...words)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('at least 5 seconds in the past'),
    })
})

test('recover into another database says what it takes, what was not there, and what cannot be written', async () => {
  const { run, at, cwd } = await scene()
  const target = ['--target', `file://${cwd}/look`]
  const dry = await run('recover', '--at', at, ...target, '--dry-run')
  expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(/Requests: +7 LIST, \d+ GET/) })
  const some = await run('recover', '--at', at, '--ids', 'ann,nobody', ...target)
  expect(some).toMatchObject({ code: 12, stderr: expect.stringContaining('nobody') })
  const other = new Database({
    connectionString: `file://${cwd}/other`,
    logLevel: 'silent',
    exitOnSignal: false,
  })
  await other.connect()
  await other.createResource({ name: 'users', attributes: { name: 'number' } })
  await other.disconnect()
  const refused = await run('recover', '--at', at, '--target', `file://${cwd}/other`)
  expect(refused.code).not.toBe(0)
})
