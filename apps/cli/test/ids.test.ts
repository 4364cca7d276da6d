import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { changePeople, makeDatabase } from './databases.js'

let cwd: string
let full: string
let incremental: string
const run = (...args: string[]) => command(args, { cwd, env: { S3DB_CONNECTION: `file://${cwd}/database` } })

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  full = (await run('backup', '-q')).stdout.trim()
  await changePeople(join(cwd, 'database'))
  incremental = (await run('backup', 'incremental', '--since', 'latest:full', '-q')).stdout.trim()
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

test('latest, latest of a type and the beginning of an id are accepted wherever an id is', async () => {
  const ids = async (...args: string[]) => {
    const { code, stdout } = await run(...args, '--json')
    expect(code).toBe(0)
    return JSON.parse(stdout)
  }
  expect((await ids('show', 'latest')).id).toBe(incremental)
  expect((await ids('show', 'latest:full')).id).toBe(full)
  expect((await ids('show', 'full-')).id).toBe(full)
  expect((await ids('backup', '--status', 'inc')).id).toBe(incremental)
  expect(await ids('diff', 'f', 'latest', '--summary')).toMatchObject({ from: full, to: incremental })
  expect(await ids('verify', 'latest')).toMatchObject({ ok: true })
  expect(await ids('salvage', 'latest:full')).toMatchObject({ id: full })
  const restored = await ids('restore', 'latest', '--target', `file://${cwd}/restored`)
  expect(restored.backupId).toBe(incremental)
})

test('an ambiguous beginning is refused, and one that matches nothing is not found', async () => {
  const other = (await run('backup', '-q')).stdout.trim()
  const several = await run('show', 'full')
  expect(several.code).toBe(11)
  expect(several.stderr).toContain("2 backups have ids that start with 'full'")
  for (const id of [full, other]) expect(several.stderr.replaceAll(/\s+/g, ' ')).toContain(id)
  expect(await run('show', 'nothing-like-it')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("'nothing-like-it' not found"),
  })
  expect(await run('show', 'latst')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`Backup 'latst' not found (did you mean "latest"?)`),
  })
  // A custom id may look like the special words, and may belong to a backup that no list shows.
  for (const own of ['acme-incremental', 'test-full'])
    expect((await run('show', own)).stderr).not.toContain('did you mean')
  expect(await run('show', 'latest:ful')).toMatchObject({ code: 3 })
  expect(await run('verify', 'latest:weekly')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("no complete backup of type 'weekly'"),
  })
  expect(await run('delete', 'latest', '--yes', '--grace', '7d')).toMatchObject({ code: 0 })
  expect(await run('undelete', other.slice(0, -2), '-q')).toMatchObject({ stdout: `${other}\n` })
})

test('restic’s names for the rules of a policy are accepted', async () => {
  const ours = await run('prune', '--daily', '7', '--within', '1d', '--json')
  const theirs = await run('prune', '--keep-daily', '7', '--keep-within', '1d', '--json')
  expect(JSON.parse(theirs.stdout)).toEqual(JSON.parse(ours.stdout))
  expect(await run('prune', '--dayly', '7')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--daily'),
  })
  expect(await run('prune', '--keep-daily', '7', '--daily', '3')).toMatchObject({ code: 2 })
})

test('a backup with a missing ancestor is reported on the screen and in JSON, is never latest, and exits with 12 with --strict', async () => {
  const at = ['--path', join(cwd, 'broken')]
  const base = (await run('backup', '-q', ...at)).stdout.trim()
  const above = (await run('backup', 'incremental', '-q', ...at)).stdout.trim()
  await rm(join(cwd, 'broken', base), { recursive: true })
  const screen = await run('list', ...at)
  expect(screen).toMatchObject({ code: 0, stdout: expect.stringContaining('✗ broken chain') })
  expect(screen.stderr).toContain(`'${above}' cannot be restored: it needs '${base}', which is missing`)
  const json = await run('list', '--json', '--strict', ...at)
  expect(json.code).toBe(12)
  expect(JSON.parse(json.stdout).backups).toMatchObject([{ id: above, lacks: base }])
  expect(await run('restore', 'latest', ...at)).toMatchObject({ code: 3 })
})

test('a list is a tree with headings, and can be filtered by notes or resources', async () => {
  const at = ['--path', join(cwd, 'arranged')]
  const first = (await run('backup', '-q', '--metadata', 'host=a', ...at)).stdout.trim()
  const next = (await run('backup', 'incremental', '-q', '--metadata', 'host=b', ...at)).stdout.trim()
  const last = (await run('backup', '-q', '--resources', 'nothing', ...at)).stdout.trim()
  const list = async (...args: string[]) => (await run('list', ...args, ...at)).stdout
  expect(
    (await list('--tree'))
      .split('\n')
      .map((line) => line.split(' ')[0])
      .slice(1, 4),
  ).toEqual([last, first, `└${next}`])
  expect(await list('--tag', 'host=a', '-q')).toBe(`${first}\n`)
  expect(await list('--resource', 'people', '--limit', '1', '-q')).toBe(`${next}\n`)
  expect(await list('--tag', 'host=c')).toContain('No backup matches.')
  const byHost = (await list('--group-by', 'host'))
    .split('\n')
    .filter((line) => /^(a|b|without host)$/.test(line))
  expect(byHost).toEqual(['without host', 'b', 'a'])
  expect(
    (await list('--group-by', 'type')).split('\n').filter((line) => /^(full|incremental)$/.test(line)),
  ).toEqual(['full', 'incremental'])
})

test('failed and abandoned backups are mentioned by list, and listed with --all', async () => {
  const at = ['--path', join(cwd, 'unfinished')]
  const made = (await run('backup', '-q', ...at)).stdout.trim()
  const dead = made.replace('full-', 'dead-')
  await mkdir(join(cwd, 'unfinished', dead))
  const started = JSON.parse(await readFile(join(cwd, 'unfinished', made, 'started.json'), 'utf8'))
  const note = { ...started, id: dead, type: 'dead', startedAt: '2024-03-15T14:30:45.000Z' }
  await writeFile(join(cwd, 'unfinished', dead, 'started.json'), JSON.stringify(note))
  expect((await run('list', ...at)).stdout).toContain(
    `Unfinished: 1 abandoned. 's3db-backup list --all --path ${join(cwd, 'unfinished')}' shows them.`,
  )
  expect((await run('list', '--all', ...at)).stdout).toMatch(new RegExp(`${dead} +abandoned`))
  const { backups, unfinished } = JSON.parse((await run('list', '--all', '--json', ...at)).stdout)
  expect([backups, unfinished]).toMatchObject([[{ id: made }], [{ id: dead, status: 'incomplete' }]])
})

test('help of a mistyped command names the nearest', async () => {
  expect(await run('help', 'list')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Usage: s3db-backup list'),
  })
  expect(await run('help', 'lst')).toMatchObject({ code: 2, stderr: expect.stringContaining('list') })
})
