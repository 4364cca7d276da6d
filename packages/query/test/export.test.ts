import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it } from 'vitest'
import { type Database, memory, opened, takeAll, temporaryFolder } from './backups.js'

const users: Database = {
  users: {
    attributes: { name: 'string', n: 'number', at: 'datetime', data: 'json' },
    rows: [
      { id: 'a', name: '=1+1', n: -1, at: '2024-03-15T14:30:45.120Z', data: { x: [1, 'é'] } },
      { id: 'b', name: '-2', n: 0.1, extra: true },
      { id: 'c', name: '\tx', n: 3 },
      { id: 'd', name: 'fine, "quoted"\nline' },
    ],
  },
  'a/../b': { rows: [{ id: 'x' }] },
  none: { rows: [] },
}

async function session() {
  const driver = memory()
  return opened({ driver, id: await takeAll(driver, [users]) })
}

it('writes one file for each resource, with names that stay in the folder', async () => {
  const folder = await temporaryFolder()
  const { files } = await (await session()).export({ to: join(folder, 'new'), format: 'jsonl' })
  expect((await readdir(join(folder, 'new'))).sort()).toEqual([
    'a%2F%2E%2E%2Fb.jsonl',
    'none.jsonl',
    'users.jsonl',
  ])
  expect(files.map(({ resource, records }) => [resource, records])).toEqual([
    ['users', 4],
    ['a/../b', 1],
    ['none', 0],
  ])
  const text = await readFile(join(folder, 'new/users.jsonl'), 'utf8')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.sort((a, b) => a.id.localeCompare(b.id))).toEqual([
    { id: 'a', name: '=1+1', n: -1, at: '2024-03-15T14:30:45.120Z', data: { x: [1, 'é'] }, _rest: null },
    { id: 'b', name: '-2', n: 0.1, at: null, data: null, _rest: { extra: true } },
    { id: 'c', name: '\tx', n: 3, at: null, data: null, _rest: null },
    { id: 'd', name: 'fine, "quoted"\nline', n: null, at: null, data: null, _rest: null },
  ])
})

it('writes the selected resources, and only records that match a condition', async () => {
  const folder = await temporaryFolder()
  const open = await session()
  const { files } = await open.export({
    to: folder,
    format: 'parquet',
    resources: ['users'],
    where: 'n > 0 -- positive',
  })
  expect(files).toEqual([
    { resource: 'users', file: join(folder, 'users.parquet'), records: 2, bytes: expect.any(Number) },
  ])
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const rows = await (
    await connection.run(`SELECT id, n FROM '${folder}/users.parquet' ORDER BY id`)
  ).getRowsJson()
  expect(rows).toEqual([
    ['b', 0.1],
    ['c', 3],
  ])
  connection.closeSync()
  await expect(open.export({ to: folder, format: 'csv', resources: ['user'] })).rejects.toMatchObject({
    code: 'not_found',
  })
})

it('neutralizes formulas in CSV on request', async () => {
  const folder = await temporaryFolder()
  const open = await session()
  const options = { format: 'csv' as const, resources: ['users'], where: "id <> 'd'" }
  await open.export({ ...options, to: join(folder, 'plain') })
  await open.export({ ...options, to: join(folder, 'neutral'), neutralizeFormulas: true })
  const read = async (name: string) =>
    (await readFile(join(folder, name, 'users.csv'), 'utf8')).trimEnd().split('\n').sort()
  expect(await read('plain')).toEqual([
    'a,=1+1,-1.0,2024-03-15T14:30:45.120Z,"{""x"":[1,""é""]}",',
    'b,-2,0.1,,,"{""extra"":true}"',
    'c,\tx,3.0,,,',
    'id,name,n,at,data,_rest',
  ])
  expect(await read('neutral')).toEqual([
    'a,\'=1+1,-1.0,2024-03-15T14:30:45.120Z,"{""x"":[1,""é""]}",',
    'b,\'-2,0.1,,,"{""extra"":true}"',
    "c,'\tx,3.0,,,",
    'id,name,n,at,data,_rest',
  ])
})

it('writes lists and times of any year so that each value can be read again', async () => {
  const rows = [
    {
      id: '1',
      tags: ['true', 'null', '', 'a, b', "it's", '[1]', 'é "x"'],
      n: [1.5, -2],
      at: '2024-03-15T14:30:45.120Z',
      on: '2024-02-29',
    },
    { id: '2', tags: [], n: [], at: '0001-01-01T00:00:00.000Z', on: '0001-01-01' },
    { id: '3', tags: null, at: '9999-12-31T23:59:59.999Z', on: '9999-12-31' },
    { id: '4', tags: [null, 'x'], at: '0999-06-01T00:00:00.001Z', on: '0999-06-01' },
  ]
  const attributes = { tags: 'array|items:string', n: 'array|items:number', at: 'datetime', on: 'dateonly' }
  const driver = memory()
  const open = await opened({ driver, id: await takeAll(driver, [{ odd: { attributes, rows } }]) })
  const to = await temporaryFolder()
  for (const format of ['csv', 'jsonl'] as const) await open.export({ to, format })
  expect(open.tables()[0]!.columns.map(({ type }) => type)).toEqual([
    'VARCHAR',
    'VARCHAR[]',
    'DOUBLE[]',
    'TIMESTAMP',
    'DATE',
    'JSON',
  ])
  const lines = (await readFile(join(to, 'odd.jsonl'), 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    rows.map(({ n = null, ...row }) => ({ ...row, n, _rest: null })),
  )
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const cells = await connection.run(
    `SELECT * FROM read_csv('${to}/odd.csv', all_varchar = true) ORDER BY id`,
  )
  const asText = (value: unknown) => (value === undefined || value === null ? null : JSON.stringify(value))
  const read = (await cells.getRowsJson()).map(([id, tags, n, at, on]) => [id, tags, n, at, on])
  connection.closeSync()
  expect(read.map(([id, tags, , at, on]) => [id, tags, at, on])).toEqual(
    rows.map(({ id, tags, at, on }) => [id, asText(tags), at, on]),
  )
  expect(read.map(([, , n]) => (typeof n === 'string' ? JSON.parse(n) : n))).toEqual(
    rows.map(({ n = null }) => n),
  )
})

it('replaces no file, and a condition cannot write elsewhere or read other files', async () => {
  const folder = await temporaryFolder()
  const to = join(folder, 'to')
  await mkdir(to)
  await writeFile(join(to, 'users.csv'), 'mine')
  const open = await session()
  await expect(open.export({ to, format: 'csv' })).rejects.toMatchObject({ code: 'conflict' })
  expect(await readFile(join(to, 'users.csv'), 'utf8')).toBe('mine')
  for (const where of [
    `true)) TO '${folder}/out.csv' --`,
    `true); COPY users TO '${folder}/out.csv'; SELECT (true`,
    `name IN (SELECT content FROM read_text('/etc/passwd'))`,
  ])
    await expect(
      open.export({ to, format: 'parquet', resources: ['users'], where }),
      where,
    ).rejects.toMatchObject({
      code: expect.stringMatching(/unsupported|invalid_options/),
    })
  expect((await readdir(folder)).sort()).toEqual(['to'])
  expect(await readdir(to)).toEqual(['users.csv'])
})

it('gives a file its name only once it is whole', async () => {
  const driver = memory()
  const rows = Array.from({ length: 3_000 }, (_, n) => ({ id: `r${n}`, text: 'x'.repeat(10_000) }))
  const session = await opened({ driver, id: await takeAll(driver, [{ big: { rows } }]) })
  const folder = await temporaryFolder()
  const file = join(folder, 'big.jsonl')
  const sizes = new Set<number>()
  let done = false
  const watching = (async () => {
    while (!done) sizes.add((await stat(file).catch(() => undefined))?.size ?? 0)
  })()
  const { files } = await session.export({ to: folder, format: 'jsonl' })
  done = true
  await watching
  expect([...sizes].filter((size) => size !== 0 && size !== files[0]?.bytes)).toEqual([])
  expect(await readdir(folder)).toEqual(['big.jsonl'])
})
