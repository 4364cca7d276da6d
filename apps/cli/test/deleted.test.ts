import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { command } from './command.js'
import { changePeople, makeDatabase, people, readPeople } from './databases.js'
import type { Outcome } from './surroundings.js'

const week = 7 * 24 * 60 * 60 * 1000

let cwd: string
let older: string
let newer: string

const run = (...args: string[]): Promise<Outcome> => command(args, { cwd })
const at = (folder: string) => ['--connection', `file://${cwd}/${folder}`]
const to = (folder: string) => ['--target', `file://${cwd}/${folder}`]
const filesOf = async (id: string) => (await readdir(join(cwd, 'backups', id))).sort()
const ids = (outcome: Outcome) => outcome.stdout.trim().split('\n')

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  older = (await run('backup', '-q', ...at('database'))).stdout.trim()
  await changePeople(join(cwd, 'database'))
  newer = (await run('backup', '-q', ...at('database'))).stdout.trim()
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

describe('a backup that is deleted with a grace time', () => {
  let before: string[]
  let purgeAfter: string

  beforeAll(async () => {
    before = await filesOf(older)
    const from = Date.now()
    const deleted = await run('delete', older, '--grace', '7d', '--yes', '--json')
    expect(deleted.code).toBe(0)
    const report = JSON.parse(deleted.stdout)
    expect(report).toMatchObject({ id: older })
    purgeAfter = report.purgeAfter
    expect(Date.parse(purgeAfter)).toBeGreaterThanOrEqual(from + week)
    expect(Date.parse(purgeAfter)).toBeLessThanOrEqual(Date.now() + week)
  })

  test('is confirmed first, and without a terminal only deleted with --yes', async () => {
    const refused = await run('delete', newer, '--grace', '7d')
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    expect(ids(await run('list', '-q'))).toEqual([newer])
  })

  test('is only listed with --deleted, with the time of its permanent removal', async () => {
    const [live, deleted, json] = await Promise.all([
      run('list'),
      run('list', '--deleted'),
      run('list', '--deleted', '--json'),
    ])
    expect(live.stdout).toContain(newer)
    expect(live.stdout).not.toContain(older)
    const gone = `${purgeAfter.slice(0, 10)} ${purgeAfter.slice(11, 19)} UTC`
    expect(deleted.stdout).toMatch(/^Backup ID +Size +Deleted +Kept until\n/)
    expect(deleted.stdout).toMatch(new RegExp(`${older} +[\\d.]+ kB +[-\\d]+ [:\\d]+ UTC +${gone}\n$`))
    expect(deleted.stdout).not.toContain(newer)
    expect(JSON.parse(json.stdout).backups).toMatchObject([
      { id: older, status: 'deleted', purgeAfter, complete: true },
    ])
    expect([live.code, deleted.code, json.code]).toEqual([0, 0, 0])
  })

  test('is not restored, shown, compared or merged: the refusal names undelete', async () => {
    for (const args of [
      ['restore', older, ...to('refused')],
      ['show', older],
      ['diff', older, newer],
      ['consolidate', older],
    ]) {
      const refused = await run(...args)
      expect(refused).toMatchObject({ code: 3, stdout: '' })
      expect(refused.stderr).toContain(`s3db-backup undelete ${older}`)
    }
    expect(await readdir(cwd)).not.toContain('refused')
  })

  test('is not purged before its time, and not reported as purged', async () => {
    const [dry, json, quiet] = [
      await run('purge', '--dry-run'),
      await run('purge', '--dry-run', '--json'),
      await run('purge', '--quiet'),
    ]
    expect(dry).toMatchObject({ code: 0, stdout: 'Nothing to remove.\n' })
    expect(JSON.parse(json.stdout)).toMatchObject({ dryRun: true, purged: [], bytes: 0 })
    expect(quiet).toMatchObject({ code: 0, stdout: '' })
    expect(ids(await run('list', '--deleted', '-q'))).toEqual([older])
  })

  test('comes back file by file as it was, and is restored exactly', async () => {
    const back = await run('undelete', older)
    expect(back).toMatchObject({ code: 0, stdout: `✓ ${older} is back\n` })
    expect(await filesOf(older)).toEqual(before)
    expect(ids(await run('list', '-q'))).toEqual([newer, older])
    expect((await run('list', '--deleted')).stdout).toBe('There are no deleted backups.\n')
    const restored = await run('restore', older, ...to('restored'))
    expect(restored.code).toBe(0)
    expect(await readPeople(join(cwd, 'restored'))).toEqual(people)

    const again = await run('undelete', older)
    expect(again).toMatchObject({ code: 0, stdout: `${older} is not deleted.\n` })
    const unknown = await run('undelete', 'full-2024-03-15T14-30-45-abc123')
    expect(unknown).toMatchObject({ code: 3, stderr: expect.stringContaining('not found') })
    expect(unknown.stderr).toContain("'s3db-backup list --deleted' shows what undelete brings back")
  })
})

describe('prune with a grace time', () => {
  test('reports until when undelete can bring them back, and removes nothing without --apply', async () => {
    const { code, stdout } = await run('prune', '--keep-last', '1', '--grace', '7d')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /Dry run: nothing was removed\. --apply would delete 1 backup \([\d.]+ kB, still taken then\)\. undelete would bring it back until [-\d]+ [:\d]+ UTC; after that prune --apply or purge frees the space\./,
    )
    expect(stdout).not.toContain('0 B')
    expect(ids(await run('list', '-q'))).toEqual([newer, older])
  })

  test('deletes backups so that undelete can bring them back', async () => {
    const applied = await run('prune', '--keep-last', '1', '--grace', '7d', '--apply')
    expect(applied.code).toBe(0)
    expect(applied.stdout).toMatch(
      /✓ Deleted 1 backup \([\d.]+ kB, still taken\)\. undelete brings it back until [-\d]+ [:\d]+ UTC; after that/,
    )
    expect(applied.stdout).not.toContain('0 B')
    expect(ids(await run('list', '-q'))).toEqual([newer])
    const { backups } = JSON.parse((await run('list', '--deleted', '--json')).stdout)
    expect(backups).toMatchObject([{ id: older, reasons: ['not among the last 1'] }])

    expect((await run('undelete', older, '-q')).stdout).toBe(`${older}\n`)
    expect(await run('verify', older)).toMatchObject({ code: 0 })
  })
})

describe('a grace time', () => {
  test('of none deletes permanently, even what is deleted already', async () => {
    await run('delete', older, '--grace', '7d', '--yes')
    expect((await run('delete', older, '--grace', '0s', '--yes')).code).toBe(0)
    expect(await readdir(join(cwd, 'backups'))).toEqual([newer])
    expect(await run('undelete', older)).toMatchObject({ code: 3 })
  })

  test('that has passed frees the space with the next purge, which names it first', async () => {
    await run('delete', newer, '--grace', '1s', '--yes')
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const dry = await run('purge', '--dry-run', '--quiet')
    expect(dry).toMatchObject({ code: 0, stdout: `${newer}\n` })
    expect(ids(await run('list', '--deleted', '-q'))).toEqual([newer])
    const purged = await run('purge')
    expect(purged).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('✓ Permanently removed: 1 deleted'),
    })
    expect(await readdir(join(cwd, 'backups'))).toEqual([])
  })

  test('that is not a length of time is an error', async () => {
    for (const grace of ['soon', '-1d', '7'])
      expect(await run('delete', newer, `--grace=${grace}`, '--yes')).toMatchObject({ code: 2 })
  })
})
