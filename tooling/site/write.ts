import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { commandsPage, schemasPage } from './from-command.ts'
import { eventsPage, optionsPage } from './from-types.ts'
import { linked, repositoryAddress } from './links.ts'
import { root, type Section, type Source, sources } from './sources.ts'

/** Where the pages are put together. Nothing in it is kept; git ignores it. */
export const pagesFolder = join(import.meta.dirname, '.pages')

/** Pages of wide tables get the room of the list beside them. */
const wide = new Set([
  'project/trust',
  'project/figures',
  'reference/errors',
  'packages/cli',
  'packages/plugin',
])

interface Written {
  readonly section: Section
  readonly title: string
  readonly page: string
}

/** What the configuration of the site reads. */
export interface Outline {
  readonly pages: readonly Written[]
  readonly repository: string | undefined
}

/** Puts all pages together anew. */
export async function writePages(): Promise<Outline> {
  rmSync(pagesFolder, { recursive: true, force: true })
  const generated: [Source, string][] = [
    [reference('commands'), await commandsPage()],
    [reference('options'), optionsPage()],
    [reference('events'), eventsPage()],
    [reference('json'), schemasPage()],
  ]
  for (const [{ page }, text] of generated) put(`${page}.md`, unsearched(page, text))
  const documents = sources()
  writeDocuments(documents)
  const pages = [...documents, ...generated.map(([source]) => source)].map(titled)
  put('decisions/index.md', decisionsPage(pages))
  const outline: Outline = { pages, repository: repositoryAddress(process.env) }
  put('outline.json', JSON.stringify(outline))
  return outline
}

/** Declarations and schemas would come before the guides in every search. */
const unsearched = (page: string, text: string) =>
  page.startsWith('api/') || page === 'reference/json' ? `---\nsearch: false\n---\n\n${text}` : text

/** The first line of a block that says to the tests what it needs; readers see that for themselves. */
const marker = /^( *```\w+[^\n]*\n)(?:#|\/\/) needs: .*\n/gm

/** Writes the pages that come from documents, and the first page; `site:dev` does it again when one changes. */
export function writeDocuments(documents: readonly Source[]): void {
  const repository = repositoryAddress(process.env)
  const pictures = new Set(['docs/pictures/terminal.svg'])
  for (const { file, page } of documents) {
    const found = linked(file, readFileSync(join(root, file), 'utf8'), documents, repository)
    for (const picture of found.pictures) pictures.add(picture)
    const text = found.text.replaceAll(marker, '$1')
    put(`${page}.md`, wide.has(page) ? `---\naside: false\n---\n\n${text}` : unsearched(page, text))
  }
  const home = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8').trim()
  put('index.md', `---\n${home('home.json')}\n---\n\n${home('home.md')}`)
  for (const picture of pictures)
    cpSync(join(root, picture), join(pagesFolder, 'public/pictures', basename(picture)))
}

const reference = (name: string): Source => ({
  file: `.pages/${name}`,
  page: `reference/${name}`,
  section: 'Reference',
})

function put(path: string, text: string): void {
  const file = join(pagesFolder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${text.trimEnd()}\n`)
}

function titled({ page, section }: Source): Written {
  const text = readFileSync(join(pagesFolder, `${page}.md`), 'utf8')
  const [, heading = page] = /^# (.+)$/m.exec(text) ?? []
  const title = heading.replaceAll('`', '').replace('API of ', '').replace('@s3db-backup/', '')
  return { page, section, title: page === 'project/readme' ? 'README' : title }
}

function decisionsPage(pages: readonly Written[]): string {
  const decisions = pages.filter(({ section }) => section === 'Decisions')
  return [
    '# Decisions',
    'Why things are as they are: context, decision, consequences. A decision that no longer holds is not edited; a new one says so.',
    decisions.map(({ page, title }) => `- [${title}](/${page})`).join('\n'),
  ].join('\n\n')
}
