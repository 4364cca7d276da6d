import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { published, root } from '../pack-check/packages.mjs'
import { apiReport } from './api-report.ts'

const imported = published.filter(({ isImported }) => isImported)

// Needs dist with its declarations (`pnpm test:all` builds first).
it.each(imported.map(({ folder, manifest }) => [manifest.name, folder]))(
  'the API of %s is what was reviewed',
  async (name, folder) => {
    const declarations = readFileSync(join(folder, 'dist/index.d.ts'), 'utf8')
    const report = join(root, 'docs/api', `${name.replace('@s3db-backup/', '')}.api.md`)
    await expect(apiReport(name, declarations)).toMatchFileSnapshot(report)
  },
)

it('a comment is not a change, an option is', () => {
  const before = apiReport('x', '/** One. */\nexport interface A { readonly b: string }')
  expect(apiReport('x', '/** Two. */\nexport interface A { readonly b: string }')).toBe(before)
  expect(apiReport('x', 'export interface A { readonly b?: string }')).not.toBe(before)
})

it('the order in which the compiler found members is not a change', () => {
  const before = apiReport('x', "export declare const a: { b: { d: 1; c: 2 }; e: 'y' | 'z' }")
  expect(apiReport('x', "export declare const a: { e: 'z' | 'y'; b: { c: 2; d: 1 } }")).toBe(before)
  expect(apiReport('x', "export declare const a: { e: 'z' | 'y'; b: { c: 2 } }")).not.toBe(before)
})
