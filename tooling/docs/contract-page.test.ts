import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contractCases } from '@s3db-backup/driver-testkit'
import { expect, it } from 'vitest'
import { contractPage } from './contract-page.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

// `vitest run tooling/docs/contract-page.test.ts --update` rewrites both.
it('docs/driver-contract.md says what the cases require', async () => {
  await expect(contractPage(contractCases)).toMatchFileSnapshot(join(root, 'docs/driver-contract.md'))
})

it('docs/guides/write-a-driver.md shows the template that pnpm new:driver copies', async () => {
  const path = 'docs/guides/write-a-driver.md'
  const block = /(<!-- template -->\n\n```ts\n)[\s\S]*?(```\n\n<!-- \/template -->)/
  const guide = read(path)
  expect(guide).toMatch(block)
  const template = read('packages/create-driver/template/src/index.ts')
  const shown = guide.replace(block, (_, before: string, after: string) => `${before}${template}${after}`)
  await expect(shown).toMatchFileSnapshot(join(root, path))
})
