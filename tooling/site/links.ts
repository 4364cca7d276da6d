import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { root, type Source } from './sources.ts'

/** What a heading is called in a link, here as on GitHub. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

/** The folder on its server that the site is in: of SITE_URL, its address. */
export function baseIn({ SITE_URL }: NodeJS.ProcessEnv): string {
  if (!SITE_URL) return '/'
  const { pathname } = new URL(SITE_URL)
  return pathname.endsWith('/') ? pathname : `${pathname}/`
}

/** Where the repository can be seen: of `GITHUB_REPOSITORY`, or of the checkout. `undefined` if it is nowhere public. */
export function repositoryAddress({ GITHUB_REPOSITORY }: NodeJS.ProcessEnv): string | undefined {
  if (GITHUB_REPOSITORY) return `https://github.com/${GITHUB_REPOSITORY}`
  try {
    const origin = execFileSync('git', ['remote', 'get-url', 'origin'], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    })
    const [, host, path] =
      /^(?:https:\/\/|ssh:\/\/git@|git@)([\w.-]+)[:/](.+?)(?:\.git)?$/.exec(origin.trim()) ?? []
    return host === undefined ? undefined : `https://${host}/${path}`
  } catch {
    return undefined // A checkout without an origin.
  }
}

/** What the links of a document become on the site, and which pictures it shows. */
export interface Linked {
  readonly text: string
  readonly pictures: readonly string[]
}

/**
 * Links to documents become links to their pages, pictures are taken along, and files of the repository lead to the
 * repository; where that is not public, their text stays.
 */
export function linked(
  file: string,
  text: string,
  pages: readonly Source[],
  repository: string | undefined,
): Linked {
  const pageOf = new Map(pages.map((each) => [each.file, each.page]))
  const pictures: string[] = []
  const link = (whole: string, bang: string, label: string, target: string): string => {
    if (/^[a-z]+:/.test(target) || target.startsWith('#')) return whole
    const [path = '', anchor] = target.split('#', 2)
    const to = posix.normalize(posix.join(dirname(file), path)).replace(/\/$/, '')
    if (!existsSync(join(root, to))) throw new Error(`${file} links to ${target}, which is not there`)
    if (bang !== '') {
      pictures.push(to)
      return `![${label}](/pictures/${posix.basename(to)})`
    }
    if (to === 'docs/adr') return `[${label}](/decisions/)`
    const page = pageOf.get(to) ?? pageOf.get(`${to}/README.md`)
    if (page !== undefined) return `[${label}](/${page}${anchor === undefined ? '' : `#${anchor}`})`
    if (repository === undefined) return label
    const kind = statSync(join(root, to)).isDirectory() ? 'tree' : 'blob'
    return `[${label}](${repository}/${kind}/main/${to})`
  }
  return { text: outsideCode(text, (part) => part.replaceAll(linkPattern, link)), pictures }
}

const linkPattern = /(!?)\[((?:[^[\]`]|`[^`]*`)*)\]\(([^)\s]+)\)/g

/** Changes a text but for its fenced blocks. */
export function outsideCode(text: string, change: (part: string) => string): string {
  return text
    .split(/(^ *```[\s\S]*?^ *```$)/m)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('')
}
