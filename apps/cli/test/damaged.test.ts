import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { changePeople, inDatabase, makeDatabase, readPeople } from './databases.js'

/** A database with people and accounts, a full backup of it, and an incremental one. */
let cwd: string
let full: string
let incremental: string

const run = (...args: string[]) =>
  command(args, { cwd, env: { S3DB_CONNECTION: `file://${cwd}/database`, TMPDIR: cwd } })

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  await inDatabase(join(cwd, 'database'), async (database) => {
    const accounts = await database.createResource({ name: 'accounts', attributes: { name: 'string' } })
    await accounts.insert({ id: 'account-1', name: 'First' })
  })
  full = (await run('backup', '-q')).stdout.trim()
  await changePeople(join(cwd, 'database'))
  incremental = (await run('backup', 'incremental', '-q')).stdout.trim()
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

/** The backups once more, with a damaged file of people in one of them. */
async function spoiled(name: string, id: string): Promise<string> {
  await cp(join(cwd, 'backups'), join(cwd, name), { recursive: true })
  const file = join(cwd, name, id, 'people.jsonl.gz')
  const bytes = await readFile(file)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  await writeFile(file, bytes)
  return name
}

/** The backups once more, without one of them. */
async function without(name: string, id: string): Promise<string> {
  await cp(join(cwd, 'backups'), join(cwd, name), { recursive: true })
  await rm(join(cwd, name, id), { recursive: true })
  return name
}

test('a damaged ancestor is found before a new database is created', async () => {
  const path = await spoiled('damaged-ancestor', full)
  const to = ['--path', path, '--target', `file://${cwd}/never`]
  expect(await run('restore', incremental, ...to)).toMatchObject({
    code: 7,
    stderr: expect.stringContaining(`${full}/people.jsonl.gz is damaged`),
  })
  expect(await readdir(cwd)).not.toContain('never')
})

test('sound resources of a damaged backup are restored into a new database', async () => {
  const path = await spoiled('damaged-people', full)
  const refused = await run('restore', full, '--path', path, '--target', `file://${cwd}/refused`)
  expect(refused).toMatchObject({ code: 7, stderr: expect.stringContaining('--resources') })
  expect(refused.stderr).toContain(`s3db-backup salvage ${full}`)
  expect(await readdir(cwd)).not.toContain('refused')

  const chosen = ['--path', path, '--target', `file://${cwd}/sound`, '--resources', 'accounts']
  expect(await run('restore', full, ...chosen)).toMatchObject({ code: 0, stderr: '' })
  expect(await readPeople(join(cwd, 'sound'), 'accounts')).toHaveLength(1)
})

test('a backup with a missing ancestor fails, alone or among the newest', async () => {
  const path = await without('missing-ancestor', full)
  const missing = { code: 10, stderr: expect.stringContaining(`needs '${full}', which is missing`) }
  expect(await run('verify', incremental, '--path', path)).toMatchObject(missing)
  expect(await run('verify', incremental, '--path', path, '--quick')).toMatchObject(missing)
  expect(await run('verify', '--last', '3', '--path', path)).toMatchObject(missing)
  const { stdout } = await run('verify', incremental, '--path', path, '--json')
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, problems: [{ code: 'broken_chain' }] })
})

test('a backup whose ancestor has a damaged manifest fails', async () => {
  const path = await without('damaged-manifest', full)
  await cp(join(cwd, 'backups', full), join(cwd, path, full), { recursive: true })
  await writeFile(join(cwd, path, full, 's3db.json'), '{')
  expect(await run('verify', incremental, '--path', path)).toMatchObject({
    code: 10,
    stderr: expect.stringContaining(`needs '${full}', which is damaged`),
  })
})

test('verify names the ancestors of a backup, and says that it read them too', async () => {
  const { code, stdout } = await run('verify', incremental)
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringContaining(`It builds on ${full}, which was read as well.`),
  })
  expect((await run('verify', full)).stdout).not.toContain('builds on')
})

test('a quick check claims no more than it checked', async () => {
  expect((await run('verify', full, '--quick')).stdout).toContain(
    `${full} looks complete: every file exists and has the right size; contents were not read (`,
  )
})

test('salvage of some resources, or of an incremental backup, says what it did not check', async () => {
  const some = await run('salvage', full, '--resources', 'accounts')
  expect(some.stdout).toContain('Nothing of the chosen resources is lost.')
  const part = await run('salvage', incremental)
  expect(part.stdout).toContain(`Only ${incremental} was looked at. It builds on ${full}.`)
})

test('salvage reports where it wrote, the maximum loss, and no success for an empty resource', async () => {
  const path = await spoiled('salvaged-people', full)
  const { code, stdout, stderr } = await run('salvage', full, '--path', path, '--to', './saved')
  expect(code).toBe(12)
  expect(stdout).not.toMatch(/ 0 records/)
  expect(stdout).toContain('Written to ./saved.')
  expect(stderr).toMatch(
    /✗ people: at most \d+ records lost \(lines \d+–30, .*bytes 0–[\d,]+ of people\.jsonl\.gz\)/,
  )
})
