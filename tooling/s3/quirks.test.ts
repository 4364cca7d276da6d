import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type Quirk, quirks } from './quirks.ts'

it('the README lists every quirk by its name', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  const all: [string, Quirk][] = Object.entries(quirks)
  for (const [name, { says }] of all) {
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${name}\``))
    expect(row, name).toContain(says)
  }
})
