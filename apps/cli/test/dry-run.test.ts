import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commands } from '../src/command-list.js'
import { command } from './command.js'
import { changePeople, inDatabase, makeDatabase } from './databases.js'

let cwd: string
const run = (...args: string[]) => command(args, { cwd, env: { S3DB_CONNECTION: `file://${cwd}/database` } })

const key = ['--key-file', 'key']
const mask = ['--transform', 'mask.mjs']
const elsewhere = (name: string) => ['--target', `file://${cwd}/${name}`]

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  await run('keygen', '--out', 'key')
  await run('keygen', '--out', 'other')
  await writeFile(join(cwd, 'file'), 'no folder')
  await writeFile(join(cwd, 'mask.mjs'), 'export default (record) => record')
  await writeFile(join(cwd, 'throws.mjs'), 'export default () => { throw new Error("no") }')
  await run('backup')
  await run('backup', '--path', 'secret', ...key)
  await run('backup', '--path', 'damaged')
  for (const name of await readdir(join(cwd, 'damaged'), { recursive: true })) {
    if (!name.endsWith('people.jsonl.gz')) continue
    const file = join(cwd, 'damaged', name)
    const bytes = await readFile(file)
    await writeFile(file, bytes.fill(0, bytes.length >> 1))
  }
  for (let n = 0; n < 4; n++) await run('backup', '--path', 'many')
  await run('backup', '--path', 'chain')
  await changePeople(join(cwd, 'database'))
  await run('backup', 'incremental', '--path', 'chain')
  for (const name of await readdir(join(cwd, 'chain')))
    if (name.startsWith('full')) await rm(join(cwd, 'chain', name), { recursive: true })
  await inDatabase(join(cwd, 'different'), async (database) => {
    await database.createResource({ name: 'people', attributes: { name: 'number', country: 'string' } })
  })
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

/** Calls that are refused, by the command: what is typed, and what makes it the real one or the dry one. */
const dry = { real: [] as string[], dry: ['--dry-run'] }
const table: Readonly<
  Record<string, { readonly real: string[]; readonly dry: string[]; readonly calls: () => string[][] }>
> = {
  backup: {
    ...dry,
    calls: () => [
      ['--resources', 'nobody'],
      ['--connection', `file://${cwd}/no-database`],
      ['incremental', '--no-full', '--path', 'new'],
      ['incremental', '--since', '2001-01-01'],
      ['incremental', '--path', 'chain'],
      ['incremental', '--path', 'secret', '--key-file', 'other'],
      ['--path', 'file'],
      ['--path', 'file/below'],
      ['--partition', 'byNothing=1'],
      ['--compression', 'rar'],
    ],
  },
  restore: {
    ...dry,
    calls: () => [
      ['nothing'],
      ['latest', '--resources', 'nobody'],
      ['latest', '--ids', 'nobody'],
      ['latest', '--rename', 'nobody=x'],
      ['latest', '--rename', 'people=nothing'],
      ['latest', '--rename', 'people=a/b'],
      ['latest', '--mode', 'replace', '--ids', 'person-1', '--yes'],
      ['latest', ...elsewhere('different')],
      ['latest', ...elsewhere('file')],
      ['latest', ...elsewhere('absent'), '--rename', 'people=a/b'],
      ['latest', ...elsewhere('absent'), '--ids', 'nobody'],
      ['latest', ...mask],
      ['latest', ...mask, ...elsewhere('database')],
      ['latest', ...elsewhere('absent2'), '--transform', 'throws.mjs'],
      ['latest', '--path', 'secret'],
      ['latest', '--path', 'secret', '--key-file', 'other'],
      ['latest', '--path', 'damaged', ...elsewhere('absent3')],
      ['latest', '--path', 'chain', ...elsewhere('absent4')],
      ['latest', ...key],
    ],
  },
  // A folder keeps no versions. The tests of past moments try buckets that do.
  recover: {
    ...dry,
    calls: () => [
      ['--at', 'yesterday'],
      ['--at', '10 minutes ago'],
      ['--at', '10 minutes ago', ...elsewhere('absent')],
    ],
  },
  undo: {
    ...dry,
    calls: () => [
      ['--since', 'yesterday'],
      ['--since', '10 minutes ago'],
    ],
  },
  purge: {
    ...dry,
    calls: () => [
      ['--path', 'missing'],
      ['--path', 'file'],
    ],
  },
  prune: {
    real: ['--apply'],
    dry: [],
    calls: () => [
      ['--path', 'many', '--keep-last', '1'],
      ['--path', 'many', '--keep-last', '1', '--keep-daily', '1', '--daily', '2'],
      ['--path', 'many'],
      ['--path', 'many', '--within', 'soon'],
      ['--path', 'missing', '--keep-last', '1'],
      ['--path', 'file', '--keep-last', '1'],
    ],
  },
}

test('every command with a dry run is in the table', async () => {
  const tried: string[] = []
  for (const { name } of commands) {
    const { stdout } = await run(name, '--help')
    if (stdout.includes('--dry-run') || stdout.includes('--apply')) tried.push(name)
  }
  expect(tried.sort()).toEqual(Object.keys(table).sort())
})

test.each(Object.keys(table))(
  'a dry run of %s that would be refused exits like the real one',
  async (name) => {
    const { real, dry, calls } = table[name]!
    const differing: unknown[] = []
    for (const call of calls()) {
      const tried = await run(name, ...call, ...dry)
      const done = await run(name, ...call, ...real)
      if (tried.code !== done.code || done.code === 0)
        differing.push({
          call: call.join(' '),
          tried: tried.code,
          done: done.code,
          why: done.stderr,
          tr: tried.stderr,
        })
    }
    expect(differing).toEqual([])
  },
)
