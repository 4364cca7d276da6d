import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../command-list.js'
import { documents, jsonSchemaOf } from './documents.js'

// `vitest run -u` rewrites the schemas.
test.each(Object.entries(documents))('the schema of %s is the published one', async (name, schema) => {
  const text = `${JSON.stringify(jsonSchemaOf(name, schema), null, 2)}\n`
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, '../../schemas', `${name}.json`))
})

test('every command that prints JSON has a schema', () => {
  const without = commands.map(({ name }) => name).filter((name) => !(name in documents))
  expect(without).toEqual(['completion'])
})
