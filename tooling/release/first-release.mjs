// Run before `changeset version`: a package that was never released gets one entry in its CHANGELOG, the one that
// begins with "The first release". Nobody needs the changes made before it.
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const unreleased = '0.0.0'

/**
 * The changesets that are left, by their file; `undefined` for one that nothing is left of.
 * @param {{ file: string, text: string }[]} changesets
 * @param {{ name: string, version: string }[]} packages
 */
export function forFirstRelease(changesets, packages) {
  const fresh = new Set(packages.filter(({ version }) => version === unreleased).map(({ name }) => name))
  const introduced = new Set()
  const left = new Map()
  for (const { file, text } of changesets) {
    const { names, body } = parse(file, text)
    const isFirst = body.startsWith('The first release')
    if (isFirst) for (const { name } of names) introduced.add(name)
    const stay = isFirst ? names : names.filter(({ name }) => !fresh.has(name))
    const lines = stay.map(({ line }) => `${line}\n`).join('')
    left.set(file, stay.length === 0 ? undefined : `---\n${lines}---\n\n${body}`)
  }
  const silent = [...fresh].filter((name) => !introduced.has(name))
  if (silent.length > 0)
    throw new Error(
      `Nothing introduces ${silent.join(', ')}. Write a changeset for each that begins with "The first release."`,
    )
  return left
}

function parse(file, text) {
  const [, head, body] = /^---\r?\n([\s\S]*?)---\r?\n\s*([\s\S]*)$/.exec(text) ?? []
  if (head === undefined || body === undefined) throw new Error(`${file} is no changeset`)
  const names = head
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ line, name: /^['"]?([^'":]+)['"]?:/.exec(line)?.[1] ?? '' }))
  return { names, body }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(import.meta.dirname, '../..')
  const read = (file) => readFileSync(join(root, file), 'utf8')
  const files = globSync('.changeset/*.md', { cwd: root }).filter((file) => basename(file) !== 'README.md')
  const packages = globSync('{packages,apps}/*/package.json', { cwd: root }).map((file) =>
    JSON.parse(read(file)),
  )
  const changesets = files.sort().map((file) => ({ file, text: read(file) }))
  try {
    for (const [file, text] of forFirstRelease(changesets, packages))
      if (text === undefined) rmSync(join(root, file))
      else writeFileSync(join(root, file), text)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
