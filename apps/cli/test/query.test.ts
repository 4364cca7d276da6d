import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { changePeople, makeDatabase } from './databases.js'
import { program } from './program.js'

let cwd: string
let full: string
const surroundings = () => ({ cwd, env: { S3DB_CONNECTION: `file://${cwd}/database`, TMPDIR: cwd } })
const run = (...args: string[]) => program(args, surroundings())

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  full = (await command(['backup', '-q'], surroundings())).stdout.trim()
  await changePeople(join(cwd, 'database'))
  await command(['backup', 'incremental', '-q'], surroundings())
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

const linesOf = (text: string) => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))

test('SQL runs over a backup, and the decrypted data is gone afterwards', async () => {
  const sql = 'SELECT country, count(*)::INTEGER AS n FROM people GROUP BY country ORDER BY country'
  expect(linesOf((await run('query', full, sql)).stdout)).toEqual([
    { country: 'BR', n: 15 },
    { country: 'DE', n: 15 },
  ])
  const rows = linesOf((await run('cat', 'latest', 'people')).stdout)
  const asked = await run('query', 'latest', 'SELECT id FROM people ORDER BY id', '--json')
  expect(JSON.parse(asked.stdout).map(({ id }: { id: string }) => id)).toEqual(
    rows.map(({ id }) => id).sort(),
  )
  const csv = await run('query', '--at', new Date().toISOString(), 'SELECT 1 AS a, 2 AS b', '--format', 'csv')
  expect(csv).toMatchObject({ code: 0, stdout: 'a,b\r\n1,2\r\n' })
  expect((await readdir(cwd)).filter((name) => name.startsWith('s3db-backup-query'))).toEqual([])
})

test('two columns of one name are two fields, and no value is lost', async () => {
  const sql = 'SELECT 1 AS id, 2 AS id, 3 AS other'
  const expected = { id: 1, id_2: 2, other: 3 }
  expect(linesOf((await command(['query', full, sql], surroundings())).stdout)).toEqual([expected])
  const document = await command(['query', full, sql, '--json'], surroundings())
  expect(JSON.parse(document.stdout)).toEqual([expected])
})

test('SQL that is invalid or reaches beyond the tables is refused', async () => {
  expect(await run('query', full, "SELECT * FROM read_text('/etc/passwd')")).toMatchObject({
    code: expect.any(Number),
    stdout: '',
  })
  expect((await run('query', full, "SELECT * FROM read_text('/etc/passwd')")).code).not.toBe(0)
  expect((await run('query', full, 'SELEC 1')).code).toBe(2)
  expect(await run('query', full)).toMatchObject({ code: 2, stderr: expect.stringContaining('SELECT') })
})

test('export writes one file per resource and replaces none', async () => {
  const to = join(cwd, 'out')
  const { files } = JSON.parse((await run('export', full, '--to', to, '--format', 'jsonl', '--json')).stdout)
  expect(files.map(({ resource, records }: Record<string, unknown>) => [resource, records])).toEqual([
    ['people', 30],
    ['nothing', 0],
  ])
  const exported = linesOf(await readFile(join(to, 'people.jsonl'), 'utf8'))
  expect(exported.map(({ id }) => id).sort()).toEqual(
    linesOf((await run('cat', full, 'people')).stdout)
      .map(({ id }) => id)
      .sort(),
  )
  expect((await run('export', full, '--to', to, '--format', 'jsonl')).code).not.toBe(0)
  const parquet = await run('export', full, '--to', join(cwd, 'parquet'), '--resource', 'people')
  expect(parquet).toMatchObject({ code: 0, stdout: expect.stringContaining('people.parquet') })
})
