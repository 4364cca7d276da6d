import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { changePeople, inDatabase, makeDatabase } from './databases.js'
import { program } from './program.js'

let cwd: string
let full: string
let incremental: string
let live: string
const surroundings = () => ({ cwd, env: { S3DB_CONNECTION: `file://${cwd}/database` } })
const run = (...args: string[]) => command(args, surroundings())

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  full = (await run('backup', '-q')).stdout.trim()
  await changePeople(join(cwd, 'database'))
  live = (await run('diff', full, '--live', '--json')).stdout
  incremental = (await run('backup', 'incremental', '-q')).stdout.trim()
  await rm(join(cwd, 'database'), { recursive: true })
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

test('cat prints the records of a backup unchanged, without a database', async () => {
  const before = rowsOf((await program(['cat', full, 'people'], surroundings())).stdout)
  const after = rowsOf((await program(['cat', incremental, 'people'], surroundings())).stdout)
  expect(before.length).toBeGreaterThan(2)
  expect(after).not.toEqual(before)
  const [first, second] = after
  const one = await program(['cat', 'latest', 'people', '--ids', second.id], surroundings())
  expect(rowsOf(one.stdout)).toEqual([second])
  const from = await program(
    ['cat', 'latest', 'people', '--to', second.id, '--fields', 'name'],
    surroundings(),
  )
  expect(rowsOf(from.stdout)).toEqual([{ name: first.name, id: first.id }])
  const json = await program(['cat', 'latest', 'people', '--json'], surroundings())
  expect(JSON.parse(json.stdout)).toEqual(after)
  const csv = await program(
    ['cat', 'latest', 'people', '--format', 'csv', '--fields', 'name'],
    surroundings(),
  )
  expect(csv.stdout.split('\r\n')[0]).toBe('id,name')
  expect(csv.stdout.split('\r\n')).toHaveLength(after.length + 2)
})

test.each(['jsonl', 'json', 'csv'])(
  'cat as %s names the records that the backup does not have',
  async (format) => {
    const [row] = rowsOf((await program(['cat', full, 'people'], surroundings())).stdout)
    const cat = ['cat', full, 'people', '--format', format, '--ids', `${row.id},no\u{1f600}body`]
    expect(await run(...cat)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(row.id),
      stderr: expect.stringContaining('Not in this backup of people: "no\u{1f600}body".'),
    })
    expect(await run(...cat, '--strict')).toMatchObject({ code: 12 })
    expect((await run('cat', full, 'people', '--ids', row.id)).stderr).toBe('')
  },
)

test('cat names what is missing', async () => {
  expect(await run('cat', full, 'persons')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('people'),
  })
  expect(await run('cat', 'full-1999', 'people')).toMatchObject({ code: 3 })
})

test('history shows in which backups a record was added, changed and removed, and which fields changed', async () => {
  const [before, after] = await Promise.all(
    [full, incremental].map(async (id) =>
      rowsOf((await program(['cat', id, 'people'], surroundings())).stdout),
    ),
  )
  const byId = new Map(after?.map((row) => [row.id, row]))
  const changed = before?.find(
    ({ id }) =>
      byId.has(id) && JSON.stringify(byId.get(id)) !== JSON.stringify(before.find((row) => row.id === id)),
  )
  const told = JSON.parse((await run('history', 'people', changed.id, '--diff', '--json')).stdout)
  expect(told.versions.map(({ backupId, change }: Record<string, string>) => [backupId, change])).toEqual([
    [full, 'appeared'],
    [incremental, 'changed'],
  ])
  expect(told.versions[1].fields.length).toBeGreaterThan(0)
  expect(await run('history', 'people', changed.id)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/appeared[\s\S]+changed/),
  })
  expect(await run('history', 'people', 'nobody')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("'s3db-backup find nobody' searches all resources and series"),
  })
})

test('history of a record that only another series has names that series', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  try {
    const database = join(folder, 'database')
    await makeDatabase(database)
    const inFolder = (...args: string[]) =>
      command(args, { cwd: folder, env: { S3DB_CONNECTION: `file://${database}` } })
    const ofPeople = (await inFolder('backup', '--resources', 'people', '-q')).stdout.trim()
    await inFolder('backup', '--resources', 'nothing', '-q')
    const { code, stderr } = await inFolder('history', 'people', 'person-1')
    expect(code).toBe(3)
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`history people person-1 --of ${ofPeople}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('find names the resources that have or had a record', async () => {
  const [row] = rowsOf((await program(['cat', full, 'people'], surroundings())).stdout)
  const { found } = JSON.parse((await run('find', row.id, '--json')).stdout)
  expect(found).toEqual([expect.objectContaining({ resource: 'people' })])
  expect(await run('find', row.id)).toMatchObject({ code: 0, stdout: expect.stringContaining('people') })
  expect(await run('find', 'no-such-record')).toMatchObject({ code: 3 })
})

test('restore takes the ids of diff from stdin and restores those records', async () => {
  const target = `file://${cwd}/put-back`
  const script = join(cwd, 'put-back.sh')
  const bin = `"${process.execPath}" "${join(import.meta.dirname, '../dist/bin.js')}"`
  await writeFile(
    script,
    `set -eo pipefail\n${bin} diff ${full} ${incremental} --json | ${bin} restore ${full} --ids-from - --target ${target} --json || true\n`,
  )
  const { spawnSync } = await import('node:child_process')
  spawnSync('bash', [script], { cwd })
  const differing = rowsOf((await program(['diff', full, incremental, '--json'], surroundings())).stdout)
  const before = new Set(
    rowsOf((await program(['cat', full, 'people'], surroundings())).stdout).map(({ id }) => id),
  )
  const back = await inDatabase(join(cwd, 'put-back'), async (database) =>
    (await (await database.getResource('people')).getAll()).map(({ id }) => id),
  )
  expect(back.sort()).toEqual(
    differing
      .map(({ id }) => id)
      .filter((id) => before.has(id))
      .sort(),
  )
})

test('diff with the live database shows what the next backup will contain, field by field', async () => {
  const told = rowsOf(live)
  const { stdout } = await program(['diff', full, incremental, '--json'], surroundings())
  const order = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
  expect(told.map(({ fields: _, ...rest }) => rest).sort(order)).toEqual(rowsOf(stdout).sort(order))
  const changed = told.filter(({ change }) => change === 'changed')
  expect(changed.length).toBeGreaterThan(0)
  for (const { fields } of changed) expect(fields.length).toBeGreaterThan(0)
  expect(await run('diff', full)).toMatchObject({ code: 2 })
  expect(await run('diff', full, '--live')).toMatchObject({ code: 3 })
})

test('ls of a backup lists its resources', async () => {
  expect(await run('ls', 'latest')).toMatchObject({ code: 0, stdout: expect.stringContaining('people') })
  const { chain, resources } = JSON.parse((await run('ls', 'latest', '--json')).stdout)
  expect(chain).toEqual([full, incremental])
  expect(resources).toContainEqual({ name: 'people', records: expect.any(Number) })
})

test('a closed pipe ends cat quietly', async () => {
  const script = join(cwd, 'head.sh')
  const bin = join(import.meta.dirname, '../dist/bin.js')
  await writeFile(
    script,
    `"${process.execPath}" "${bin}" cat latest people | head -c 1 >/dev/null; exit \${PIPESTATUS[0]}\n`,
  )
  const { spawnSync } = await import('node:child_process')
  const { status, stderr } = spawnSync('bash', [script], { cwd, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
