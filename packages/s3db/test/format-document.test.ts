import { expect, it } from 'vitest'
import { fieldTables, whatIsNotSo } from '../../../tooling/test/field-tables.ts'
import { definitionSchema } from '../src/definition.js'
import { storedFormSchema } from '../src/stored-form/form.js'
import { rawObject } from '../src/stored-form/stored-object.js'

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
