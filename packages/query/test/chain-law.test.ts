import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { consolidate, type Driver, type Row } from '@s3db-backup/core'
import { openChain, readChain } from '@s3db-backup/core/internal'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { sized } from '../../../tooling/test/sized.ts'
import { jsonOf } from '../src/process/json-values.js'
import { sandbox } from '../src/process/sandbox.js'
import { tablesOf } from '../src/tables.js'
import { byId, type Database, memory, takeAll, withoutNulls } from './backups.js'

const folder = await mkdtemp(join(tmpdir(), 's3db-backup-query-law-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Every table of a backup as DuckDB shows it and as core reads it, and what the manifest counts. */
async function bothViews(driver: Driver, id: string, mostHeld: number | undefined) {
  const { signal } = new AbortController()
  const chain = await openChain({ driver, id, operation: 'download', signal })
  const tables = tablesOf(chain, await mkdtemp(join(folder, 'run-')), mostHeld)
  await tables.read()
  const { views, files } = tables.open()
  const connection = await sandbox(views, { files, memory: 2 ** 28, threads: 2 })
  const found = []
  for (const table of tables.list()) {
    const result = await connection.runAndReadAll(`SELECT * FROM "${table.name.replaceAll('"', '""')}"`)
    const types = result.columnTypes()
    const bySql = result.getRows().map((row) => {
      const record = new Map<string, unknown>()
      for (const [index, { field }] of table.columns.entries()) {
        const value = jsonOf(row[index] ?? null, types[index])
        if (value === null) continue
        if (field !== null) record.set(field, value)
        else for (const [name, item] of Object.entries(value)) if (item !== null) record.set(name, item)
      }
      return Object.fromEntries(record)
    })
    const byCore: Row[] = []
    for await (const { rows } of readChain(chain, table.resource)) byCore.push(...rows)
    found.push({ bySql: byId(bySql), byCore: byId(withoutNulls(byCore)), total: table.records })
  }
  connection.closeSync()
  return found
}

const id = fc.constantFrom('a', 'b', 'c', 'A', 'é', '\uffff', '😀', '__proto__', '', 'x\u0000', 'q\'"')
const field = fc.constantFrom(
  'n',
  'N',
  'text',
  'when',
  'list',
  '',
  'constructor',
  '__proto__',
  '_rest',
  'a"b\'c',
)
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom<unknown>(
    ...[
      1e308,
      5e-324,
      Number.MAX_SAFE_INTEGER,
      1e21,
      '',
      '\u0000',
      '2024-02-29',
      '2024-02-30',
      '2024-03-15T14:30:45.120Z',
    ],
    ...['null', 'true', '1', '[]', '[1,2]', ['a', null], [[1]], { id: 'x' }, [{ a: [{ b: null }] }]],
  ),
)
const row = fc
  .tuple(id, fc.dictionary(field, value, { maxKeys: 4 }))
  .map(([name, fields]): Row => ({ ...fields, id: name }))
const attributes = fc.dictionary(
  field,
  fc.constantFrom(
    'string',
    'number',
    'boolean',
    'datetime',
    'dateonly',
    'json',
    'array|items:string',
    'nonsense',
    'array|items:number',
  ),
  { maxKeys: 5 },
)
const rows = fc.uniqueArray(row, { selector: (record) => record.id, maxLength: 8 })
const state = fc.record({ users: rows, Users: fc.option(rows) })

it('shows exactly the records that core reads, of any chain and whatever is in them', async () => {
  const law = fc.asyncProperty(
    fc.array(state, { minLength: 1, maxLength: 4 }),
    attributes,
    fc.boolean(),
    // Backups that are not merged while reading are merged by DuckDB.
    fc.constantFrom(undefined, 0, 100),
    async (states, types, merged, mostHeld) => {
      const driver = memory()
      const databases = states.map(
        ({ users, Users }): Database => ({
          users: { attributes: types, rows: users },
          ...(Users === null ? {} : { Users: { rows: Users } }),
        }),
      )
      const last = await takeAll(driver, databases)
      const asked = merged && states.length > 1 ? (await consolidate({ driver, id: last })).id : last
      for (const { bySql, byCore, total } of await bothViews(driver, asked, mostHeld)) {
        expect(bySql).toEqual(byCore)
        expect(bySql.length).toBe(total)
      }
    },
  )
  await fc.assert(law, { numRuns: sized({ quick: 25, full: 100 }) })
})

it.each([undefined, 0, 500])(
  'leaves out what newer backups replaced, in each of several parts (ids held: %s bytes)',
  async (mostHeld) => {
    // Incompressible records fill parts of 8 KiB, so that a backup has several.
    const first: Row[] = Array.from({ length: 40 }, (_, n) => ({
      id: `r${String(n).padStart(3, '0')}`,
      text: randomBytes(300).toString('hex'),
    }))
    const second = first.map(({ id }): Row => ({ id, text: randomBytes(300).toString('hex') }))
    const third = second.flatMap((row) =>
      row.id === 'r038' ? [] : [row.id === 'r039' ? { ...row, text: 'newest' } : row],
    )
    const driver = memory()
    const states = [first, second, third].map((rows): Database => ({ users: { rows } }))
    const last = await takeAll(driver, states, { maxPartBytes: 8192 })
    for (const { bySql, byCore, total } of await bothViews(driver, last, mostHeld)) {
      expect(bySql).toEqual(byCore)
      expect(bySql.length).toBe(total)
    }
  },
)
