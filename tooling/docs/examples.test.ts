import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Workplace, workplace } from './workplace.ts'

// Runs them unchanged, with the built packages, outside the workspace.
const folder = join(import.meta.dirname, '../../examples')
const says: Readonly<Record<string, readonly string[]>> = {
  'custom-codec.mjs': ['brotli-text: ', 'words.jsonl.br', 'read back'],
  'custom-source.mjs': ['2 planets', 'intact, 10000 records', '10000 records are back; there are 2 backups'],
}

let place: Workplace
beforeAll(() => {
  place = workplace()
})
afterAll(() => place.remove())

it('every example is listed here and in their README', () => {
  const examples = readdirSync(folder).filter((name) => name.endsWith('.mjs'))
  expect(examples.sort()).toEqual(Object.keys(says))
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  for (const name of examples) expect(readme).toContain(`\`${name}\``)
})

it.each(Object.entries(says))('examples/%s does what it says', async (document, lines) => {
  const text = readFileSync(join(folder, document), 'utf8')
  const printed = await place.run({ document, line: 1, language: 'js', text })
  for (const line of lines) expect(printed).toContain(line)
})
