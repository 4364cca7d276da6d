import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { changePeople, inDatabase, makeDatabase, people, readPeople } from './databases.js'
import type { Outcome } from './surroundings.js'

let cwd: string
let full: string
let incremental: string

const backups = async () => (await readdir(join(cwd, 'backups'))).sort()
const run = (...args: string[]): Promise<Outcome> =>
  command(args, { cwd, env: { S3DB_CONNECTION: `file://${cwd}/database` } })

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  full = (await run('backup', 'incremental', '--full-if-needed', '-q')).stdout.trim()
  await changePeople(join(cwd, 'database'))
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

test('with --no-full an incremental backup without a parent is refused, with advice', async () => {
  const { code, stderr } = await run('backup', 'incremental', '--no-full', '--path', 'elsewhere')
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('--full-if-needed') })
})

test('the first incremental backup is a full one and says so; if one is damaged it is refused', async () => {
  const there = ['--path', 'first']
  const first = await run('backup', 'incremental', '--json', ...there)
  expect(first).toMatchObject({ code: 0 })
  const { id, parent, fullInstead } = JSON.parse(first.stdout)
  expect({ parent, fullInstead }).toEqual({ parent: null, fullInstead: true })
  const loud = await run('backup', 'incremental', '--path', 'loud')
  expect(loud.stderr).toContain('! There was no backup to build on, so this is a full one.')
  const second = await run('backup', 'incremental', '--json', ...there)
  expect(JSON.parse(second.stdout)).not.toHaveProperty('fullInstead')
  await run('delete', JSON.parse(second.stdout).id, '--yes', ...there)
  await writeFile(join(cwd, 'first', id, 's3db.json'), '{"format":"s3db-backup/1"')
  expect(await run('backup', 'incremental', ...there)).toMatchObject({ code: 3 })
})

test('a mistyped type is refused with the nearest, and --type allows any name', async () => {
  for (const typo of ['incremntal', 'ful', 'selectiv']) {
    const { code, stderr } = await run('backup', typo, '--path', 'typo')
    expect(code).toBe(2)
    expect(stderr).toMatch(/did you mean "(incremental|full|selective)"/)
  }
  const made = await run('backup', '--type', 'ful', '--json', '--path', 'typo')
  expect(JSON.parse(made.stdout)).toMatchObject({ type: 'ful' })
  expect(await run('backup', 'weekly-snapshot', '--quiet', '--path', 'typo')).toMatchObject({ code: 0 })
  expect(await run('backup', 'full', '--type', 'x')).toMatchObject({ code: 2 })
})

test('--since takes a date, its text, milliseconds and an id', async () => {
  for (const since of [new Date().toISOString(), String(Date.now()), full]) {
    const dry = await run('backup', 'incremental', '--dry-run', '--since', since, '--json')
    expect(dry).toMatchObject({ code: 0 })
  }
  expect(await run('backup', 'incremental', '--since', '2024-13-45')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('2024-13-45 is not a time'),
  })
})

test('options that a type of backup does not use are errors', async () => {
  const [since, prices] = await Promise.all([
    run('backup', 'full', '--since', full, '--max-chain', '3'),
    run('backup', '--prices'),
  ])
  expect(since).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--since, --max-chain is only for an incremental backup'),
  })
  expect(prices).toMatchObject({ code: 2, stderr: expect.stringContaining('--dry-run') })
})

test('a dry run counts changes, requests and dollars, and writes nothing', async () => {
  const { stdout } = await run('backup', 'incremental', '--dry-run', '--prices')
  expect(stdout).toMatch(/^Dry run: nothing was written/)
  expect(stdout).toMatch(/people +1 +1 +1 +30\n/)
  expect(stdout).toContain(`Builds on: ${full}`)
  expect(stdout).toContain('2 LIST, 2 GET to read')
  expect(stdout).toContain('$0.000011 (per 1,000: LIST $0.005, GET $0.0004)')
  expect(await backups()).toEqual([full])
})

test('an incremental backup names its parent, and diff names what changed', async () => {
  const made = JSON.parse((await run('backup', 'incremental', '--since', full, '--json')).stdout)
  expect(made).toMatchObject({ type: 'incremental', parent: full, records: 2 })
  incremental = made.id
  const [text, lines, summary] = await Promise.all([
    run('diff', full, incremental),
    run('diff', full, incremental, '--json'),
    run('diff', full, incremental, '--summary', '--json'),
  ])
  expect(text.stdout).toMatch(/^~ people person-1\n- people person-2\n\+ people person-30\n\nResource/)
  expect(text.stdout).toMatch(/people +1 +1 +1\n$/)
  const changes = lines.stdout.trim().split('\n')
  expect(changes.map((line) => JSON.parse(line).change)).toEqual(['changed', 'removed', 'added'])
  expect(JSON.parse(summary.stdout).resources).toEqual({ people: { added: 1, changed: 1, removed: 1 } })
})

test('a chain that lacks a deleted backup names the command that brings it back', async () => {
  const deleted = await run('delete', full, '--force', '--grace', '7d', '--yes')
  expect(deleted).toMatchObject({ code: 0 })
  const [merged, compared] = await Promise.all([
    run('consolidate', incremental),
    run('diff', incremental, incremental),
  ])
  for (const { code, stderr } of [merged, compared]) {
    expect(code).toBe(10)
    expect(stderr).toContain(`'${full}' is deleted. 's3db-backup undelete ${full}' brings it back`)
  }
  expect(await run('undelete', full)).toMatchObject({ code: 0 })
})

test('a chain is merged into a full backup, and prune then deletes the chain', async () => {
  const refused = await run('delete', full, '--yes')
  expect(refused).toMatchObject({ code: 11, stderr: expect.stringContaining(incremental) })
  expect(refused.stderr).toContain('; --force deletes it anyway')
  const begun = Date.now()
  const merged = JSON.parse((await run('consolidate', incremental, '--json')).stdout)
  expect(merged).toMatchObject({ type: 'full', parent: null, records: 30 })
  // The duration is that of the merge, not the time since the end of the chain.
  expect(merged.duration).toBeLessThanOrEqual(Date.now() - begun)

  const [without, plan] = await Promise.all([run('prune'), run('prune', '--keep-last', '1')])
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('No retention policy') })
  expect(plan.stdout).toMatch(/^Plan +Backup ID +Size +Reason\n/)
  expect(plan.stdout).toMatch(new RegExp(`keep +${merged.id} +last 1\n`))
  expect(plan.stdout).toMatch(new RegExp(`remove +${full} +[\\d.]+ kB +not among the last 1\n`))
  expect(plan.stdout).toContain('Dry run: nothing was removed. --apply would remove 2 backups')
  expect(await backups()).toHaveLength(3)

  const removed = await run('prune', '--keep-last', '1', '--apply', '--quiet')
  expect(removed.stdout.trim().split('\n')).toEqual([incremental, full])
  expect(await backups()).toEqual([merged.id])
})

test('a selection of partitions, records and names is restored', async () => {
  const made = await run('backup', 'selective', '--resources', 'people', '--partition', 'byCountry=DE', '-q')
  const id = made.stdout.trim()
  const target = ['--target', `file://${cwd}/partial`]
  await run('restore', id, ...target, '--ids', 'person-4,person-6', '--partition', 'byCountry=DE')
  const some = people.filter(({ id: person }) => ['person-4', 'person-6'].includes(person))
  expect(await readPeople(join(cwd, 'partial'))).toEqual(some)
  await run('restore', id, ...target, '--rename', 'people=others')
  expect(await readPeople(join(cwd, 'partial'), 'others')).toHaveLength(14)
})

test('replace removes what the backup does not have, and without a terminal only with --yes', async () => {
  const [id = ''] = await backups()
  const target = ['--target', `file://${cwd}/partial`, '--resources', 'people']
  const refused = await run('restore', id, '--mode', 'replace', ...target)
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
  expect(await readPeople(join(cwd, 'partial'))).toHaveLength(2)
  await inDatabase(join(cwd, 'partial'), async (database) =>
    (await database.getResource('people')).insert({ id: 'extra', name: 'Extra', country: 'DE' }),
  )
  const replaced = await run('restore', id, '--mode', 'replace', ...target, '--yes')
  expect(replaced.stdout).toMatch(/people +28 +2 +0 +1\n/)
})
