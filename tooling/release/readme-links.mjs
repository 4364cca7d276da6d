import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'

const root = join(import.meta.dirname, '../..')

/**
 * The README of a package as npm shows it, where relative links lead nowhere: links lead to the repository, pictures to
 * their bytes there. Code stays as it is.
 * @param {string} text
 * @param {{ directory: string, repository: string }} where the package's folder, and `owner/name` on GitHub
 */
export function absoluteLinks(text, { directory, repository }) {
  const absolute = (whole, bang, label, target) => {
    if (/^[a-z]+:/.test(target) || target.startsWith('#')) return whole
    const [path = '', anchor] = target.split('#', 2)
    const file = posix.normalize(posix.join(directory, path)).replace(/\/$/, '')
    if (file.startsWith('..'))
      throw new Error(`${directory}/README.md links out of the repository: ${target}`)
    if (bang !== '') return `![${label}](https://raw.githubusercontent.com/${repository}/main/${file})`
    const kind = statSync(join(root, file)).isDirectory() ? 'tree' : 'blob'
    const end = anchor === undefined ? '' : `#${anchor}`
    return `[${label}](https://github.com/${repository}/${kind}/main/${file}${end})`
  }
  return text
    .split(/(^ *```[\s\S]*?^ *```$)/m)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replaceAll(/(!?)\[((?:[^[\]`]|`[^`]*`|!\[[^\]]*\]\([^)]*\))*)\]\(([^)\s]+)\)/g, absolute),
    )
    .join('')
}

/**
 * The README of a package with a link to the site, where one is published.
 * @param {string} text
 * @param {string | undefined} site its address
 */
export function withSite(text, site) {
  if (!site) return text
  if (!URL.canParse(site)) throw new Error(`SITE_URL is not an address: ${site}`)
  const line = /^(Part of \[s3db-backup\].*\.)$/m
  if (!line.test(text)) throw new Error('A README has no line that begins with "Part of [s3db-backup]"')
  return text.replace(line, `$1 Guides and reference: [the site](${site}).`)
}

/** Makes the links in the README of a packed package absolute, and adds one to the site at SITE_URL. The tarball is written anew, all else as it was. */
export function rewriteReadme(tarball, where) {
  const folder = mkdtempSync(join(tmpdir(), 's3db-backup-readme-'))
  try {
    execFileSync('tar', ['xzf', tarball, '-C', folder])
    const file = join(folder, 'package/README.md')
    const text = withSite(readFileSync(file, 'utf8'), process.env.SITE_URL)
    writeFileSync(file, absoluteLinks(text, where))
    execFileSync('tar', ['czf', tarball, '-C', folder, 'package'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
