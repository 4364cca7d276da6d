import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Block, blocksOf, readDocument } from './blocks.ts'
import { type Workplace, workplace } from './workplace.ts'

// Runs the programs of docs/query.md unchanged over a chain of two backups.
const scene = `
import { BackupPlugin } from '@s3db-backup/plugin'
import { Database } from 's3db.js'

const db = new Database({ connectionString: 'file://./shop', logLevel: 'silent', exitOnSignal: false })
await db.connect()
const backups = new BackupPlugin({ driver: 'filesystem', config: { path: './backups' } })
await db.usePlugin(backups)
const users = await db.createResource({ name: 'users', attributes: { city: 'string', joined: 'datetime' } })
for (const [id, city] of [['ada', 'Berlin'], ['bob', 'Oslo'], ['cem', 'Berlin']])
  await users.insert({ id, city, joined: '2024-03-15T14:30:45.000Z' })
await backups.backup('full')
await users.delete('bob')
await users.insert({ id: 'dia', city: 'Oslo', joined: '2023-03-15T14:30:45.000Z' })
const { id } = await backups.backup('incremental')
console.log(id)
await db.disconnect()
`

const document = 'docs/query.md'
const blocks = blocksOf(document, readDocument(document)).filter(({ language }) => language === 'js')
let place: Workplace
let id: string

beforeAll(async () => {
  place = workplace()
  mkdirSync(join(place.folder, 'node_modules/@duckdb'))
  symlinkSync(
    join(import.meta.dirname, '../../packages/query/node_modules/@duckdb/node-api'),
    join(place.folder, 'node_modules/@duckdb/node-api'),
  )
  const setUp: Block = { document: 'scene', line: 1, language: 'js', text: scene }
  id = (await place.run(setUp)).trim()
})
afterAll(() => place.remove())

const blockWith = (text: string) => blocks.find((block) => block.text.includes(text))!

it('the first program counts the users of each city', async () => {
  const printed = await place.run(blockWith('GROUP BY city ORDER BY users'), [id])
  expect(printed).toContain('Berlin 2')
  expect(printed).toContain('Oslo 1')
})

it('the export writes one file with the requested records', async () => {
  expect(await place.run(blockWith('session.export'), [id])).toContain('users.csv')
})

it('the program that uses DuckDB alone prints the records at the end of the chain', async () => {
  const printed = await place.run(blockWith('DuckDBInstance'), ['backups', id, 'users'])
  const rows = printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(rows.map((row) => [row.id, row.city])).toEqual([
    ['ada', 'Berlin'],
    ['cem', 'Berlin'],
    ['dia', 'Oslo'],
  ])
})
