import { appendFile, cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase, people, readPeople } from './databases.js'
import { program } from './program.js'
import type { Outcome } from './surroundings.js'

let cwd: string
let id: string

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  const { stdout, code } = await run(
    'backup',
    '--quiet',
    '--metadata',
    'reason=release 1',
    '--connection',
    at('database'),
  )
  expect(code).toBe(0)
  id = stdout.trim()
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

const run = (...args: string[]): Promise<Outcome> => command(args, { cwd })
const at = (folder: string) => `file://${cwd}/${folder}`

test('--quiet prints the id and nothing else', () => {
  expect(id).toMatch(/^full-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-[a-z0-9]{6}$/)
})

test('a backup prints the documented summary, and its progress as JSON lines', async () => {
  const { code, stdout, stderr } = await run(
    'backup',
    'weekly-snapshot',
    '--connection',
    at('database'),
    ...['--path', 'other', '--progress', 'json'],
  )
  expect(code).toBe(0)
  const events = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events[0]).toMatchObject({ event: 'phase', phase: 'listing' })
  const [begun] = events.filter(({ event }) => event !== 'phase')
  expect(begun).toMatchObject({ event: 'start', resources: ['people', 'nothing'] })
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'progress', resource: 'people', records: 30 }),
  )
  expect(stdout).toMatch(
    /^✓ weekly-snapshot backup created successfully\n\nBackup Summary:\n {2}Backup ID: weekly-snapshot-/,
  )
  expect(stdout).toMatch(/Resources: people, nothing\n {2}Records: {3}30\n/)
})

test('list, backup --list and backup --status show it in the documented words', async () => {
  const listed = await run('list')
  expect(listed.stdout).toMatch(/^Backup ID +Type +Status +Resources +Records/)
  expect(listed.stdout).toContain(id)
  expect(await run('backup', '--list', '--connection', at('database'))).toEqual(listed)
  const { stdout } = await run('backup', '--status', id)
  expect(stdout).toMatch(/^Backup Status:\n/)
  expect(stdout).toMatch(/Status: +✓ completed\n/)
  expect(stdout).toMatch(/Metadata: +reason=release 1\n/)
})

test('--json gives one document for each command', async () => {
  const listed = JSON.parse((await run('list', '--json')).stdout)
  expect(listed.backups).toMatchObject([{ id, type: 'full', status: 'completed', records: 30, error: null }])
  const shown = JSON.parse((await run('show', id, '--json')).stdout)
  expect(shown).toMatchObject({ id, manifest: { resources: { people: { recordCount: 30 } } } })
  expect(JSON.parse((await run('backup', '--status', id, '--json')).stdout)).toMatchObject({
    id,
    records: 30,
  })
  expect(JSON.parse((await run('verify', id, '--json')).stdout)).toMatchObject({
    id,
    ok: true,
    records: 30,
    problems: [],
  })
})

test('show names every resource and every file', async () => {
  const { stdout } = await run('show', id)
  expect(stdout).toMatch(/people +30 +- +2 +byCountry\n/)
  expect(stdout).toMatch(/people\.jsonl\.gz +rows +30 /)
})

test('show reports what was excluded from a backup, and nothing for a complete one', async () => {
  expect((await run('show', id)).stdout).not.toMatch(/^ +(Only|Without|Filter):/m)
  const made = JSON.parse(
    (await run('backup', '--resources', 'people', '--connection', at('database'), '--json')).stdout,
  )
  expect((await run('show', made.id)).stdout).toMatch(/^ +Only: +people\n/m)
  await run('delete', made.id, '--yes')
})

test('verify reports an intact backup, quickly or fully', async () => {
  expect((await run('verify', id)).stdout).toContain('is intact: every byte was read and compared')
  expect((await run('verify', id, '--quick')).stdout).toContain('looks complete: every file exists')
})

test('a restore into a new database restores every record', async () => {
  const { code, stdout } = await program(['restore', id, '--connection', at('new')], { cwd })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^✓ Restore completed successfully\n\nRestore Summary:\n/)
  expect(stdout).toMatch(/Resources restored: people, nothing\n {2}Total resources: {4}2\n/)
  expect(await readPeople(join(cwd, 'new'))).toEqual(people)
})

test('existing records are kept without --overwrite', async () => {
  const kept = JSON.parse((await run('restore', id, '--connection', at('new'), '--json')).stdout)
  expect(kept.resources.people).toMatchObject({ restored: 0, replaced: 0, skipped: 30 })
  const overwritten = await run('restore', id, '--target', at('new'), '--overwrite', '--resources', 'people')
  expect(overwritten.stderr).toContain('Overwrite mode enabled')
  expect(overwritten.stdout).toMatch(/people +0 +30 +0 +0\n/)
})

test('a dry run counts and creates no database', async () => {
  const { code, stdout } = await run('restore', id, '--connection', at('never'), '--dry-run')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Dry run: nothing was written/)
  expect(stdout).toMatch(/people +30 +0 +0 +0\n/)
  expect(await readdir(cwd)).not.toContain('never')
})

test('restoring a missing backup creates no database', async () => {
  const { code } = await run('restore', 'full-2024-03-15T14-30-45-abc123', '--connection', at('never'))
  expect(code).toBe(3)
  expect(await readdir(cwd)).not.toContain('never')
})

test('backup --status reports a failed backup, and how to list if there is none', async () => {
  const failed = await run('backup', '--resources', 'nobody', '--connection', at('database'), '--path', 'bad')
  expect(failed.code).toBe(3)
  const [directory = ''] = await readdir(join(cwd, 'bad'))
  const { code, stdout } = await run('backup', '--status', directory, '--path', 'bad')
  expect(code).toBe(0)
  expect(stdout).toMatch(/Status: +failed\n/)
  expect(stdout).toMatch(/Error: .*\(not_found\)\n/)
  for (const args of [
    ['show', 'nothing'],
    ['verify', 'nothing'],
    ['show', directory],
  ]) {
    const { code, stderr } = await run(...args, '--path', 'bad')
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining("'s3db-backup list --path bad'"),
    })
    expect(stderr).not.toContain('backupPlugin')
  }
})

test('a damaged backup is reported by verify and refused by restore, which creates no database', async () => {
  await cp(join(cwd, 'backups'), join(cwd, 'damaged'), { recursive: true })
  await appendFile(join(cwd, 'damaged', id, 'people.jsonl.gz'), 'x')
  const verified = await program(['verify', id, '--path', 'damaged'], { cwd })
  expect(verified).toMatchObject({ code: 7, stdout: '', stderr: expect.stringContaining('people.jsonl.gz') })
  const asJson = await run('verify', id, '--path', 'damaged', '--json')
  expect(asJson.code).toBe(7)
  expect(JSON.parse(asJson.stdout)).toMatchObject({ ok: false, problems: [{ code: 'corrupt' }] })
  const restored = await run('restore', id, '--path', 'damaged', '--connection', at('never'))
  expect(restored.code).toBe(7)
  expect(await readdir(cwd)).not.toContain('never')
})

test('list, show, verify and delete need neither a database nor a connection', async () => {
  await cp(join(cwd, 'backups'), join(cwd, 'alone'), { recursive: true })
  const env = { S3DB_CONNECTION: 'not a connection string at all' }
  for (const args of [['list'], ['show', id], ['verify', id], ['delete', id, '--yes']]) {
    expect((await command([...args, '--path', 'alone'], { cwd, env })).code).toBe(0)
  }
  expect(await readdir(join(cwd, 'alone'))).toEqual([])
})

test('delete without a terminal deletes only with --yes', async () => {
  const { code, stderr } = await run('delete', id)
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--yes') })
  expect(await readdir(join(cwd, 'backups'))).toEqual([id])
})

test('selected resources, another compression, a path with a template', async () => {
  const path = 'by-day/{year}/{month}'
  const { stdout } = await run(
    ...['backup', '--connection', at('database'), '--path', path, '--json'],
    ...['--resources', 'pe*', '--compression', 'none', '--no-verify'],
  )
  const made = JSON.parse(stdout)
  expect(made).toMatchObject({
    resources: ['people'],
    files: { people: expect.stringMatching(/people\.jsonl$/) },
  })
  expect((await run('list', '--quiet', '--path', path)).stdout.trim()).toBe(made.id)
  expect((await run('list', '--quiet', '--path', 'by-day')).stdout.trim()).toBe(made.id)
})
