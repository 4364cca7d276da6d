import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { blocksOf, readDocument } from './blocks.ts'

const root = join(import.meta.dirname, '../..')
const packages = ['packages', 'apps'].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => `${group}/${name}`),
)

it.each(packages)('the README of %s stands alone: what it is, how to install it, an example', (folder) => {
  const text = readDocument(`${folder}/README.md`)
  const { name } = JSON.parse(readDocument(`${folder}/package.json`))
  expect(text.startsWith(`# ${name}\n\n`)).toBe(true)
  const blocks = blocksOf(folder, text)
  // `npm create @scope/x` runs the package @scope/create-x.
  const created = `npm create ${name.replace('/create-', '/')}`
  const installs = ({ text: code }: (typeof blocks)[number]) =>
    code.includes(created) || (code.includes('npm install') && code.includes(name))
  expect(blocks.some(installs)).toBe(true)
  expect(
    blocks.some((block) => block.language !== '' && (!installs(block) || block.text.includes(created))),
  ).toBe(true)
  expect(text).toContain('](../../README.md)')
})
