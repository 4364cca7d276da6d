import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documentedSurface } from './documented-page.js'
import { files, promises } from './documented-promises.js'

const root = join(import.meta.dirname, '../../..')
const page = join(import.meta.dirname, '../docs/documented-surface.md')

const sources = new Map(
  Object.entries(files).map(([name, path]) => [name, readFileSync(join(root, path), 'utf8')]),
)

/** Whether a source has a test of that name that runs: `it('name', ...)`, `test(...)`, or `it.each(...)('name', ...)`. */
function has(source: string, name: string): boolean {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(\\b(it|test)|\\))\\(\\s*['"\`]${escaped}['"\`],`).test(source)
}

describe.each(Object.entries(promises))('%s', (_, entries) => {
  it.each(entries)('$promise', ({ tests }) => {
    expect(tests, 'a promise without a test').not.toEqual([])
    for (const [file, name] of tests)
      expect(has(sources.get(file) ?? '', name), `${file}: ${name}`).toBe(true)
  })
})

it.each([...sources])('%s leaves no test out', (_, source) => {
  expect(source).not.toMatch(/\b(it|describe|test)\.(skip|todo|only|fails|skipIf|runIf)\b/)
})

it('a missing test proves nothing', () => {
  const source =
    "it('runs', () => {})\ntest('too', () => {})\n  it.skip('rests', () => {})\nit.each(names)('each %s', () => {})\n"
  const found = ['runs', 'too', 'each %s', 'rests', 'run'].map((name) => has(source, name))
  expect(found).toEqual([true, true, true, false, false])
})

it('the page says what the tests prove', () => {
  if (process.env.WRITE_DOCS === '1') writeFileSync(page, documentedSurface())
  expect(readFileSync(page, 'utf8'), 'run the test with WRITE_DOCS=1 to write the page').toBe(
    documentedSurface(),
  )
})
