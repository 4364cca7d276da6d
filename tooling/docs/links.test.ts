import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { documents, readDocument } from './blocks.ts'

const root = join(import.meta.dirname, '../..')
const decisions = readdirSync(join(root, 'docs/adr')).map((name) => `docs/adr/${name}`)
const pages = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)
const all = [...documents(), ...decisions, ...pages, 'ARCHITECTURE.md', 'SECURITY.md']

/** What a GitHub page calls a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

function leadsSomewhere(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#', 2)
  const target = path === '' ? document : join(dirname(document), path)
  if (!existsSync(join(root, target))) return false
  if (anchor === undefined) return true
  const headings = [...readDocument(target).matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? ''))
  return headings.includes(anchor)
}

function linksOf(document: string): string[] {
  const text = readDocument(document).replaceAll(/```[\s\S]*?```/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '')
}

it.each(all)('every link to another file in %s has a target', (document) => {
  const local = linksOf(document).filter((link) => !/^[a-z]+:/.test(link))
  expect(local.filter((link) => !leadsSomewhere(document, link))).toEqual([])
})

it('a link to a missing file or heading is detected', () => {
  expect(leadsSomewhere('README.md', 'packages/core/docs/format-v1.md#by-hand')).toBe(true)
  expect(leadsSomewhere('README.md', 'packages/core/docs/format-v1.md#by-foot')).toBe(false)
  expect(leadsSomewhere('README.md', 'nowhere.md')).toBe(false)
})
