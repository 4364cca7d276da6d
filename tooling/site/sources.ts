import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** Where a page of the site comes from, and what it is called in the list at its side. */
export interface Source {
  /** From the root of the repository. */
  readonly file: string
  /** Its path on the site, without a suffix. */
  readonly page: string
  readonly section: Section
}

export type Section = 'Guides' | 'Reference' | 'Packages' | 'API' | 'Decisions' | 'Project'

/** Guides in the order in which somebody new needs them; those that are not named come last. */
const order = [
  'first-backup-to-s3',
  'choose-a-driver',
  'several-destinations',
  'retention-on-a-calendar',
  'schedules',
  'encryption',
  'monitoring',
  'restore-drill',
  'find-and-bring-back-one-record',
  'undo-a-bad-deploy',
  'disaster-recovery',
  'what-requests-cost',
]

const markdown = (folder: string) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder))
        .filter((name) => name.endsWith('.md'))
        .sort()
    : []

const rank = (name: string) => {
  const place = order.indexOf(basename(name, '.md'))
  return place === -1 ? order.length : place
}

/** Every document that is a page: a new file in one of these folders is a new page. */
export function sources(): Source[] {
  const guides = markdown('docs/guides').sort((a, b) => rank(a) - rank(b))
  const packages = ['apps', 'packages'].flatMap((group) =>
    readdirSync(join(root, group))
      .filter((name) => existsSync(join(root, group, name, 'README.md')))
      .map((name) => ({ folder: `${group}/${name}`, name })),
  )
  const page = (file: string, to: string, section: Section): Source => ({ file, page: to, section })
  return [
    ...guides.map((name) => page(`docs/guides/${name}`, `guides/${basename(name, '.md')}`, 'Guides')),
    page('docs/query.md', 'guides/query', 'Guides'),
    page('deploy/README.md', 'guides/deploy', 'Guides'),
    page('CONTRIBUTING.md', 'guides/contribute', 'Guides'),
    ...markdown('docs')
      .filter(
        (name) => !['query.md', 'read-first.md', 'trust.md', 'supported.md', 'releasing.md'].includes(name),
      )
      .map((name) => page(`docs/${name}`, `reference/${basename(name, '.md')}`, 'Reference')),
    page('packages/core/docs/format-v1.md', 'reference/format-v1', 'Reference'),
    ...packages.map(({ folder, name }) => page(`${folder}/README.md`, `packages/${name}`, 'Packages')),
    ...packages.flatMap(({ folder, name }) =>
      markdown(`${folder}/docs`)
        .filter((file) => file !== 'format-v1.md')
        .map((file) =>
          page(`${folder}/docs/${file}`, `packages/${name}-${basename(file, '.md')}`, 'Packages'),
        ),
    ),
    ...markdown('docs/api').map((name) =>
      page(`docs/api/${name}`, `api/${basename(name, '.api.md')}`, 'API'),
    ),
    ...markdown('docs/adr').map((name) =>
      page(`docs/adr/${name}`, `decisions/${basename(name, '.md')}`, 'Decisions'),
    ),
    page('README.md', 'project/readme', 'Project'),
    ...['supported.md', 'trust.md', 'releasing.md', 'read-first.md']
      .filter((name) => existsSync(join(root, 'docs', name)))
      .map((name) => page(`docs/${name}`, `project/${basename(name, '.md')}`, 'Project')),
    page('tooling/bench/RESULTS.md', 'project/figures', 'Project'),
    page('ARCHITECTURE.md', 'project/architecture', 'Project'),
    page('SECURITY.md', 'project/security', 'Project'),
    page('examples/README.md', 'project/examples', 'Project'),
  ]
}
