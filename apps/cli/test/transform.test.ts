import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase, people, readPeople } from './databases.js'

let cwd: string
const run = (...args: string[]) => command(args, { cwd, env: { S3DB_CONNECTION: `file://${cwd}/database` } })

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  await run('backup')
  await writeFile(
    join(cwd, 'mask.mjs'),
    "export default (record, resource) => resource === 'people' ? { ...record, name: 'masked' } : record",
  )
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

test('restore --transform masks every record of another database, and leaves no original in its files', async () => {
  const target = join(cwd, 'masked')
  const made = await run('restore', 'latest', '--target', `file://${target}`, '--transform', 'mask.mjs')
  expect(made).toMatchObject({ code: 0 })
  expect(await readPeople(target)).toEqual(people.map((person) => ({ ...person, name: 'masked' })))
  const files = await readdir(target, { recursive: true, withFileTypes: true })
  for (const file of files.filter((entry) => entry.isFile()))
    expect(await readFile(join(file.parentPath, file.name), 'utf8')).not.toMatch(/Zo/)
})

test('restore --transform refuses the database of the backup, named or not, in every mode, dry run or not', async () => {
  const transform = ['--transform', 'mask.mjs', '--yes']
  for (const place of [[], ['--target', `file://${cwd}/database`]])
    for (const mode of ['skip', 'merge', 'replace'])
      for (const dry of [[], ['--dry-run']]) {
        const refused = await run('restore', 'latest', ...transform, ...place, '--mode', mode, ...dry)
        expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--into-source') })
      }
  expect(await readPeople(join(cwd, 'database'))).toEqual(people)
})

test('restore --transform reports what is wrong with a module', async () => {
  await writeFile(join(cwd, 'empty.mjs'), 'export const mask = 1')
  for (const [module, why] of [
    ['absent.mjs', 'Cannot load the module'],
    ['empty.mjs', 'no function as its default export'],
  ] as const) {
    const refused = await run('restore', 'latest', '--target', `file://${cwd}/x`, '--transform', module)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(why) })
  }
})

test('restore --into-source allows the transform into the database of the backup', async () => {
  const made = await run('restore', 'latest', '--transform', 'mask.mjs', '--into-source', '--overwrite')
  expect(made).toMatchObject({ code: 0 })
  expect(
    new Set((await readPeople(join(cwd, 'database'))).map((person) => Reflect.get(person as object, 'name'))),
  ).toEqual(new Set(['masked']))
})
