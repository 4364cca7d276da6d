import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { baseIn, linked, repositoryAddress } from './links.ts'
import { sources } from './sources.ts'

const folder = join(import.meta.dirname, 'dist')

describe('the site', () => {
  let pages: ReadonlyMap<string, string>

  beforeAll(async () => {
    const env = { ...process.env, GITHUB_REPOSITORY: 'someone/s3db-backup' }
    // VitePress fails on a dead link of a document.
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'run.ts'), 'build'], { env })
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    pages = new Map(
      files
        .filter((name) => name.endsWith('.html'))
        .map((name) => [name.replaceAll('\\', '/'), readFileSync(join(folder, name), 'utf8')]),
    )
  }, 1_800_000)

  it('has a page for every document and for everything generated from the code', () => {
    const wanted = [
      ...sources().map(({ page }) => `${page}.html`),
      ...['commands', 'options', 'events', 'json'].map((name) => `reference/${name}.html`),
      ...['index.html', 'decisions/index.html', '404.html'],
    ]
    expect([...pages.keys()].sort()).toEqual(wanted.sort())
  })

  it('has no broken link, picture or heading', () => {
    const dead = [...pages].flatMap(([page, html]) =>
      [...html.matchAll(/ (?:href|src)="([^"]*)"/g)]
        .map(([, target = '']) => target.replaceAll('&amp;', '&'))
        .filter((target) => !/^[a-z]+:/.test(target) && !leads(page, target))
        .map((target) => `${page}: ${target}`),
    )
    expect(dead).toEqual([])
  })

  it('loads nothing from elsewhere', () => {
    for (const html of pages.values()) {
      expect(html).not.toMatch(/<(?:script|img|iframe)[^>]* src="(?:https?:)?\/\//)
      expect(html).not.toMatch(/<link[^>]* href="(?:https?:)?\/\//)
    }
  })

  it('contains what the code defines: an option, an event, a command, a schema', () => {
    expect(pages.get('reference/options.html')).toContain('deletionGrace')
    expect(pages.get('reference/events.html')).toContain('plg:backup:restore-complete')
    expect(pages.get('reference/commands.html')).toContain('s3db-backup rotate-key')
    expect(pages.get('reference/json.html')).toContain('urn:s3db-backup:cli:verify')
  })

  const leads = (page: string, target: string): boolean => {
    const [path = '', anchor = ''] = target.split('#', 2)
    const to = path === '' ? page : posix.join(path.startsWith('/') ? '' : posix.dirname(page), path)
    const name = to.replace(/^\//, '')
    const file = name === '' || name.endsWith('/') ? `${name}index.html` : name
    if (!existsSync(join(folder, decodeURIComponent(file)))) return false
    return anchor === '' || (pages.get(file)?.includes(` id="${decodeURIComponent(anchor)}"`) ?? false)
  }
})

describe('a link of a document', () => {
  const pages = sources()
  const one = (text: string, repository?: string) =>
    linked('docs/read-first.md', text, pages, repository).text

  it('leads to the page of the document', () => {
    expect(one('[a](guides/write-a-driver.md#how-it-is-found)')).toBe(
      '[a](/guides/write-a-driver#how-it-is-found)',
    )
    expect(one('[a](../packages/core)')).toBe('[a](/packages/core)')
  })

  it('to a file of the repository leads there, or is text if the repository is not public', () => {
    expect(one('[`t`](../turbo.json)', 'https://example.org/r')).toBe(
      '[`t`](https://example.org/r/blob/main/turbo.json)',
    )
    expect(one('[`t`](../turbo.json)')).toBe('`t`')
  })

  it('in a block of code stays, and a broken one is refused', () => {
    expect(one('```text\n[a](b.md)\n```')).toBe('```text\n[a](b.md)\n```')
    expect(() => one('[a](b.md)')).toThrow('docs/read-first.md links to b.md')
  })

  it('knows the repository by its name at GitHub', () => {
    expect(repositoryAddress({ GITHUB_REPOSITORY: 'a/b' })).toBe('https://github.com/a/b')
  })
})

describe('the address of the site', () => {
  it('names the folder that it is in', () => {
    expect(baseIn({ SITE_URL: 'https://someone.github.io/s3db-backup' })).toBe('/s3db-backup/')
    expect(baseIn({ SITE_URL: 'https://docs.example.org/' })).toBe('/')
    expect(baseIn({})).toBe('/')
  })
})
