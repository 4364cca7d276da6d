import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { backup, restore, type Source } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { expect, it } from 'vitest'
import { fieldTables, whatIsNotSo } from '../../../tooling/test/field-tables.ts'
import { definitionSchema } from '../src/definition.js'
import { databaseTarget } from '../src/index.js'
import { storedFormSchema } from '../src/stored-form/form.js'
import { rawObject } from '../src/stored-form/stored-object.js'
import { openNew, ours } from './databases.js'

const hooks = { beforeMap: {}, afterUnmap: {} }
const form = {
  attributes: { name: 'string' },
  map: { name: '0' },
  pluginMap: {},
  hooks,
  separator: '|',
  pluginAttributes: [],
  behavior: 'user-managed',
}

const schemas = {
  definition: [definitionSchema, { version: 'v1', form, entry: {} }],
  form: [storedFormSchema, form],
  hooks: [storedFormSchema.shape.hooks, hooks],
  raw: [rawObject, { metadata: {} }],
} as const

it.each(['definition', 'form', 'hooks', 'raw'] as const)(
  'the document of the format has every field of %s as the schema has it',
  (name) => {
    const [schema, valid] = schemas[name]
    const reads = (value: object) => schema.safeParse(value).success
    const table = fieldTables().get(name) ?? []
    // An object here has values of its own kind, so only empty ones are tried.
    const made = table.map((field) => (field.type === 'object' ? { ...field, type: 'some object' } : field))
    expect(whatIsNotSo(made, { names: Object.keys(schema.shape), valid, reads })).toEqual([])
  },
)

it('the definition in the document of the format makes a resource that reads its row', async () => {
  const document = readFileSync(join(import.meta.dirname, '../../core/docs/format-v1.md'), 'utf8')
  const definition = JSON.parse(/<!-- definition -->\n\n```json\n([\s\S]*?)```/.exec(document)?.[1] ?? '')
  const row = JSON.parse(/A row of it:\n`(.*)`/.exec(document)?.[1] ?? '')
  const described = { name: 'users', attributes: {}, partitions: {}, timestamps: false, definition }
  const source: Source = {
    describe: async () => ({ database: {}, resources: [described] }),
    async *read() {
      yield { rows: [row] }
    },
  }
  const driver = memory()
  const { id } = await backup({ source, driver })
  const target = await openNew('memory')
  await restore({ driver, id, target: databaseTarget(ours(target)) })
  const users = target.resources.users!
  expect(await users.get(row.id)).toMatchObject(row)
  expect(await users.listIds({ partition: 'byName', partitionValues: { name: row.name } })).toEqual([row.id])
  // The database goes on as one of its own would.
  const later = await users.insert({ id: 'later', name: 'Later', age: 3844 })
  expect(later.createdAt).toEqual(expect.any(String))
  expect(await users.get('later')).toMatchObject({ name: 'Later', age: 3844 })
})
