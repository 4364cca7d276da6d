import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'

// A variable of a script that is not set: `s3db-backup delete "$ID" --yes`.

let cwd: string
let id: string

const run = (...args: string[]) => command(args, { cwd })

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  id = (await run('backup', '-q', '--connection', `file://${cwd}/database`)).stdout.trim()
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

test.each([
  ['delete', '', '--yes'],
  ['undelete', ''],
  ['restore', '', '--target', 'file://./restored'],
  ['verify', ''],
  ['export', '', '--to', 'exported'],
  ['cat', '', 'people'],
])('an id that is empty means no backup, not the only one (%s)', async (...args) => {
  expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('backup id is empty') })
  expect((await run('list', '-q')).stdout.trim()).toBe(id)
})

test.each([
  ['backup', '--connection', 'file://./database', '--resources', ''],
  ['restore', 'latest', '--target', 'file://./restored', '--resources', ','],
  ['restore', 'latest', '--target', 'file://./restored', '--ids', ''],
  ['cat', 'latest', 'people', '--ids', ''],
])('a selection that names nothing is refused: it would succeed with nothing (%s)', async (...args) => {
  expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('names nothing') })
  expect((await run('list', '-q')).stdout.trim()).toBe(id)
})

test.each([
  ['backup', '--connection', 'file://./database', '--resources', 'x*'],
  ['backup', '--dry-run', '--connection', 'file://./database', '--resources', 'x*,y?'],
  ['restore', 'latest', '--target', 'file://./restored', '--resources', 'x*'],
  ['verify', 'latest', '--level', 'restore', '--resources', 'x*'],
  ['diff', 'latest', '--live', '--connection', 'file://./database', '--resources', 'x*'],
  ['shard', 'plan', '--shards', '2', '--connection', 'file://./database', '--resources', 'x*'],
])('globs that match no resource are refused: they would succeed with nothing (%s)', async (...args) => {
  expect(await run(...args)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('There is no resource "x*'),
  })
  expect((await run('list', '-q')).stdout.trim()).toBe(id)
})
