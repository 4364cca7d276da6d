import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { backup, restore, type Source } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { expect, it } from 'vitest'
import { fieldTables, whatIsNotSo } from '../../../tooling/test/field-tables.ts'
import { readObject } from '../src/client/objects.js'
import { definitionSchema } from '../src/definition.js'
import { databaseTarget } from '../src/index.js'
import { storedFormSchema } from '../src/stored-form/form.js'
import { rawObject } from '../src/stored-form/stored-object.js'
import { call, open, openNew, ours } from './databases.js'

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
    // An object here has values of a certain kind, so only empty objects are tried.
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
  // The database continues as if it had created the resource itself.
  const later = await users.insert({ id: 'later', name: 'Later', age: 3844 })
  expect(later.createdAt).toEqual(expect.any(String))
  expect(await users.get('later')).toMatchObject({ name: 'Later', age: 3844 })
})

it('keys and stored texts are those that the document of the format says', async () => {
  const document = readFileSync(join(import.meta.dirname, '../../core/docs/format-v1.md'), 'utf8')
  for (const said of [
    '`{ name, address: { city }, age }` has `name` 0, `address.city` 1, `age` 2, `address` 3',
    '63.25 is `11.25`',
    '62 is `10`, -1 is `-1`',
    '<code>a&#92;&#124;b</code>',
    '<code>1&#124;10&#124;3.5</code> is [1, 62, 3.5]',
    '`u76ipWE` is 2024-03-15T14:30:45.000Z',
  ])
    expect(document.replaceAll(/\s+/g, ' ')).toContain(said)

  const database = await openNew('memory')
  const people = await database.createResource({
    name: 'people',
    attributes: { name: 'string', address: { city: 'string' }, age: 'number' },
  })
  expect(people.schema.map).toEqual({ name: '0', 'address.city': '1', age: '2', address: '3' })

  const many = Object.fromEntries(Array.from({ length: 36 }, (_, at) => [`a${at}`, 'string|optional']))
  const values = await database.createResource({
    name: 'values',
    attributes: {
      ...many,
      number: 'number',
      integer: 'number|integer',
      below: 'number|integer',
      truth: 'boolean',
      texts: 'array|items:string',
      numbers: 'array|items:number',
      json: 'json',
      moment: 'datetime',
      day: 'dateonly',
    },
  })
  await values.insert({
    ...{ id: 'x', a35: 'a text', number: 63.25, integer: 62, below: -1, truth: true, texts: ['a|b', 'c'] },
    ...{ numbers: [1, 62, 3.5], json: { x: 1 }, moment: '2024-03-15T14:30:45.000Z', day: '1970-03-04' },
  })
  const stored = await readObject(ours(database).client, 'resource=values/data/id=x', call)
  expect(stored?.metadata).toEqual({
    z: 'a text',
    10: '11.25',
    11: '10',
    12: '-1',
    13: '1',
    14: 'a\\|b|c',
    15: '1|10|3.5',
    16: '{"x":1}',
    17: 'u76ipWE',
    18: '10',
    _v: 'v1',
  })
})

it('the key of a removed attribute is burned, and the registry says so as the document does', async () => {
  const address = `memory://burned-${randomUUID()}/x`
  const attributes = { name: 'string|optional', age: 'number|optional' }
  const database = await open(address)
  await database.createResource({ name: 'people', attributes })
  const later = await open(address)
  const people = await later.createResource({
    name: 'people',
    attributes: { age: 'number|optional', late: 'string|optional' },
  })
  expect(people.schema.map).toEqual({ age: '1', late: '2' })
  const file = await readObject(ours(later).client, 's3db.json', call)
  expect(JSON.parse(Buffer.from(file?.body ?? []).toString())).toMatchObject({
    resources: {
      people: {
        schemaRegistry: {
          mapping: { age: 1, late: 2 },
          nextIndex: 3,
          burned: [{ index: 0, attribute: 'name', burnedAt: expect.any(String), reason: 'removed' }],
        },
      },
    },
  })
})
