import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResourceEntry } from '@s3db-backup/core'
import { expect, it } from 'vitest'
import { columnsOf } from '../src/columns/columns.js'
import { jsonOf } from '../src/process/json-values.js'
import { sandbox } from '../src/process/sandbox.js'
import { tableView } from '../src/sql/table-view.js'
import { lineStager } from '../src/staging/stage-line.js'
import { byId, memory, opened, recordsBySql, rowsOf, takeAll, temporaryFolder } from './backups.js'

const entry = (attributes: ResourceEntry['attributes']) =>
  ({ name: 'odd', attributes, timestamps: false }) as ResourceEntry

/** What DuckDB shows of lines as they may lie in a backup, whoever wrote it. */
async function shown(texts: readonly string[], attributes: ResourceEntry['attributes'], canonical = true) {
  const columns = columnsOf(entry(attributes))
  const stager = lineStager(columns, { canonical })
  const lines = texts.map((text) => stager.stage({ text, value: JSON.parse(text) }))
  const file = join(await temporaryFolder(), '1.jsonl')
  await writeFile(file, lines.map((line) => `${line}\n`).join(''))
  const typed = columns.map((column) =>
    stager.misfits.has(column) ? { ...column, type: 'JSON' as const } : column,
  )
  const resource = {
    columns: typed,
    links: [{ isMerged: true, rows: [file], deleted: [] }],
    longestLine: 100_000,
    partOf: new Map(),
  }
  const connection = await sandbox([tableView('odd', resource)], {
    files: [file],
    memory: 2 ** 28,
    threads: 1,
  })
  const result = await connection.runAndReadAll('SELECT * FROM odd')
  const types = result.columnTypes()
  const rows = result.getRows().map((row) => row.map((value, index) => jsonOf(value, types[index])))
  connection.closeSync()
  return { rows, types: typed.map(({ type }) => type) }
}

it('numbers are exactly those of JavaScript, including negative zero and out-of-range numbers', async () => {
  const numbers = [
    '-0',
    '-0.0',
    '1e308',
    '1e400',
    '-1e400',
    '5e-324',
    '9007199254740993',
    '18446744073709551616',
  ]
  const more = ['123456789012345678901234567890', '0.1', '1E2', '1.7976931348623157e308', '4.9e-324']
  const all = [...numbers, ...more]
  const { rows, types } = await shown(
    all.map((number, index) => `{"id":"${index}","n":${number}}`),
    { n: 'number' },
  )
  expect(types[1]).toBe('DOUBLE')
  const expected = all.map((number) => JSON.parse(number))
  expect(rows.map(([, number]) => Number(number))).toEqual(expected)
})

it('the last of two fields with one name counts', async () => {
  const { rows } = await shown(
    ['{"id":"a","n":1,"n":2,"o":{"x":1,"x":2}}'],
    { n: 'number', o: 'json' },
    false,
  )
  expect(rows).toEqual([['a', 2, { x: 2 }, null]])
})

it('lone surrogates become U+FFFD, and escaped backslashes stay', async () => {
  const texts = [
    '{"id":"a","s":"x\\ud800y"}',
    '{"id":"b","s":"\\\\ud800"}',
    '{"id":"c","s":"\\ud83d\\ude00"}',
  ]
  const { rows } = await shown([...texts, '{"id":"d","z":["\\udfff"]}'], { s: 'string' })
  expect(rows.map(([, text, rest]) => text ?? rest)).toEqual(['x\ufffdy', '\\ud800', '😀', { z: ['\ufffd'] }])
})

it('a record whose id has a lone surrogate is refused, because SQL would confuse it with another', async () => {
  const driver = memory()
  const session = await opened({ driver, id: await takeAll(driver, [{ odd: { rows: [{ id: '\ud800' }] } }]) })
  await expect(session.query('SELECT * FROM odd')).rejects.toMatchObject({ code: 'unsupported' })
})

it('a column whose values are not all of the declared type is JSON, and keeps every value', async () => {
  const rows = [
    { id: 'a', n: 'not a number', at: 'yesterday', tags: ['x', 1] },
    { id: 'b', n: 1, at: '2024-03-15T14:30:45.123Z', tags: 'x' },
    { id: 'c', n: null },
  ]
  const driver = memory()
  const attributes = { n: 'number', at: 'datetime', tags: 'array|items:string' }
  const session = await opened({ driver, id: await takeAll(driver, [{ odd: { attributes, rows } }]) })
  expect(await rowsOf(session, 'SELECT id, n, "at", tags FROM odd ORDER BY id')).toEqual([
    ['a', 'not a number', 'yesterday', ['x', 1]],
    ['b', 1, '2024-03-15T14:30:45.123Z', 'x'],
    ['c', null, null, null],
  ])
  expect(session.tables()[0]!.columns.map(({ type }) => type)).toEqual([
    'VARCHAR',
    'JSON',
    'JSON',
    'JSON',
    'JSON',
  ])
})

it('names of resources and fields may be anything', async () => {
  const long = 'x'.repeat(10_000)
  const names = [
    '',
    'select',
    'A',
    'a',
    'é',
    '😀',
    'a"b',
    "c'd",
    'e;f--',
    'g\u0000h',
    long,
    '_rest',
    'id2',
    'ID',
  ]
  const attributes = Object.fromEntries(names.map((name) => [name, 'string']))
  const record = { ...Object.fromEntries(names.map((name) => [name, `of ${name.slice(0, 5)}`])), id: 'r' }
  const resources = ['Users', 'users', 'table', 'a"; DROP TABLE users; --', '😀', 'pg_class', 'a.b', ' ']
  const driver = memory()
  const database = Object.fromEntries(resources.map((name) => [name, { attributes, rows: [record] }]))
  const session = await opened({ driver, id: await takeAll(driver, [database]) })
  const tables = session.tables()
  expect(tables.map(({ resource }) => resource)).toEqual(resources)
  expect(tables.map(({ name }) => name)).toEqual(resources.with(1, 'users_2'))
  for (const resource of ['users', 'a"; DROP TABLE users; --', 'pg_class'])
    expect(await recordsBySql(session, resource)).toEqual([record])
})

it('a resource without records is a table without rows', async () => {
  const driver = memory()
  const attributes = { n: 'number' }
  const states = [{ none: { attributes, rows: [{ id: 'a' }] } }, { none: { attributes, rows: [] } }]
  const session = await opened({ driver, id: await takeAll(driver, [states[1]!]) })
  expect(await rowsOf(session, 'SELECT * FROM none')).toEqual([])
  const emptied = await opened({ driver, id: await takeAll(driver, states) })
  expect(await rowsOf(emptied, 'SELECT count(*) FROM none')).toEqual([[0]])
})

it('deep, wide and long records are shown', async () => {
  let deep: unknown = 'bottom'
  for (let level = 0; level < 500; level++) deep = level % 2 === 0 ? [deep] : { level: deep }
  const wide = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`field ${index}`, index]))
  const rows = [
    { id: 'deep', json: deep },
    { id: 'long', text: 'é'.repeat(3_000_000) },
    { id: 'wide', json: [wide], ...wide },
  ]
  const driver = memory()
  const attributes = { json: 'json', text: 'string' }
  const session = await opened({ driver, id: await takeAll(driver, [{ odd: { attributes, rows } }]) })
  expect(byId(await recordsBySql(session, 'odd'))).toEqual(rows)
})
