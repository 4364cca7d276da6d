import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { absoluteLinks, rewriteReadme, withSite } from './readme-links.mjs'

const root = join(import.meta.dirname, '../..')
const where = { directory: 'packages/core', repository: 'someone/s3db-backup' }

it('links to files, folders and headings lead to the repository, and pictures to their bytes', () => {
  const page = 'https://github.com/someone/s3db-backup'
  const absolute = (text: string) => absoluteLinks(text, where)
  expect(absolute('[`a`](docs/format-v1.md#by-hand)')).toBe(
    `[\`a\`](${page}/blob/main/packages/core/docs/format-v1.md#by-hand)`,
  )
  expect(absolute('[b](../../docs/adr)')).toBe(`[b](${page}/tree/main/docs/adr)`)
  expect(absolute('![c](../../docs/pictures/page-home.png)')).toBe(
    '![c](https://raw.githubusercontent.com/someone/s3db-backup/main/docs/pictures/page-home.png)',
  )
})

it('absolute links, links within the page, and code stay unchanged', () => {
  const text = '[a](https://duckdb.org) [b](#options)\n\n```text\n[c](docs/x.md)\n```\n'
  expect(absoluteLinks(text, where)).toBe(text)
})

it('the README of every package has no relative link left', () => {
  for (const directory of ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  )) {
    const readme = readFileSync(join(root, directory, 'README.md'), 'utf8')
    const absolute = absoluteLinks(readme, { ...where, directory }).replaceAll(/```[\s\S]*?```/g, '')
    const targets = [...absolute.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target)
    expect(targets.filter((target) => !/^(?:https:|mailto:|#)/.test(target ?? ''))).toEqual([])
  }
})

it('the README of every package links to the site, where there is one', () => {
  for (const directory of ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  )) {
    const readme = readFileSync(join(root, directory, 'README.md'), 'utf8')
    const linked = withSite(readme, 'https://someone.github.io/s3db-backup/')
    expect(linked, directory).toMatch(
      /^Part of \[s3db-backup\].*\. Guides and reference: \[the site\]\(https:\/\/someone\.github\.io\/s3db-backup\/\)\.$/m,
    )
    expect(withSite(readme, undefined)).toBe(readme)
  }
  expect(() => withSite('# x\n\nSomething.\n', 'https://example.org/')).toThrow('Part of')
  expect(() => withSite('# x\n', 'example.org')).toThrow('SITE_URL')
})

it('a packed package keeps its other files', () => {
  const folder = mkdtempSync(join(tmpdir(), 's3db-backup-packed-'))
  try {
    mkdirSync(join(folder, 'package/dist'), { recursive: true })
    writeFileSync(join(folder, 'package/README.md'), '[a](docs/format-v1.md)\n')
    writeFileSync(join(folder, 'package/dist/index.js'), 'export {}\n')
    const tarball = join(folder, 'core.tgz')
    execFileSync('tar', ['czf', tarball, '-C', folder, 'package'])
    rewriteReadme(tarball, where)
    const read = (name: string) => execFileSync('tar', ['xzOf', tarball, name], { encoding: 'utf8' })
    expect(read('package/README.md')).toContain(
      'https://github.com/someone/s3db-backup/blob/main/packages/core',
    )
    expect(read('package/dist/index.js')).toBe('export {}\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
