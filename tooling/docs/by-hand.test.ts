import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Block, blocksOf, readDocument } from './blocks.ts'
import { type Workplace, workplace } from './workplace.ts'

// The program in the format document, which uses nothing of ours, reads our backups. A database is backed up whole
// and then twice incrementally, in several compressions, and in parts so small that there are many.
const scene = `
import { BackupPlugin } from '@s3db-backup/plugin'
import { Database } from 's3db.js'

const db = new Database({ connectionString: 'file://./shop', logLevel: 'silent', exitOnSignal: false })
await db.connect()
const backups = new BackupPlugin({ driver: 'filesystem', config: { path: './backups/{year}' } })
await db.usePlugin(backups)
const users = await db.createResource({ name: 'odd users', attributes: { name: 'string' } })
const save = (id, name) => users.insert({ id, name })
for (let i = 0; i < 40; i++) await save('u' + i, 'Zoë\\u2028😀 ' + i)
const made = [await backups.backup('full')]
await users.delete('u7')
await users.update('u8', { name: 'other' })
await save('new', 'new')
made.push(await backups.backup('incremental', { compression: 'brotli' }))
await users.delete('new')
await save('u7', 'again')
made.push(await backups.backup('incremental', { compression: 'none' }))
made.push(await backups.backup('full'))
made.push(await backups.backup('incremental'))
const rows = (await users.getAll()).map(({ id, name }) => ({ id, name }))
console.log(JSON.stringify({ ids: made.map(({ id }) => id), rows }))
await db.disconnect()
`

let place: Workplace

let made: {
  readonly ids: readonly [string, string, string, string, string]
  readonly rows: { readonly id: string }[]
}

beforeAll(async () => {
  place = workplace()
  made = await backUp()
})
afterAll(() => place.remove())

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)

/** The database, backed up five times. */
const backUp = async () => {
  const setUp: Block = { document: 'scene', line: 1, language: 'js', text: scene }
  return JSON.parse(await place.run(setUp))
}

it('the program in the format document reads a chain without this software', async () => {
  const document = 'packages/core/docs/format-v1.md'
  const program = blocksOf(document, readDocument(document)).find(({ language }) => language === 'js')
  const { ids, rows } = made
  const read = async (id: string) => {
    const output = await place.run(program!, ['backups', id, 'odd users'])
    return output
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).row)
  }

  expect(program!.text).not.toContain('@s3db-backup/')
  expect(await read(ids[0])).toHaveLength(40)
  expect((await read(ids[1])).find(({ id }) => id === 'new')).toEqual({ id: 'new', name: 'new' })
  expect((await read(ids[2])).sort(byId)).toEqual(rows.sort(byId))
})

const hasPython =
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).status === 0

it.skipIf(!hasPython)(
  'the reader in Python reads them too, where there is a python3 of 3.11 or newer',
  () => {
    const reader = join(import.meta.dirname, '../../examples/reader-in-python/s3db_reader.py')
    const python = (...args: string[]) =>
      execFileSync('python3', [reader, ...args], { cwd: place.folder, encoding: 'utf8' })
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    const listed = python('list', 'backups').map(({ id }) => id)
    expect(listed.sort()).toEqual([...made.ids].sort())
    for (const id of made.ids.slice(-2)) {
      const users = python('read', 'backups', id).filter(({ resource }) => resource === 'odd users')
      expect(users.map(({ row }) => row)).toEqual([...made.rows].sort(byId))
    }
  },
)
