// Run after publishing: makes a tag and a GitHub release for each package, with the version's changelog entry. Skips
// versions that have a release. Needs `gh` and GH_TOKEN; with --dry-run it only prints.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { published } from '../pack-check/packages.mjs'
import { notesOf } from './notes.mjs'

const dryRun = process.argv.includes('--dry-run')

for (const { folder, manifest } of published) {
  const tag = `${manifest.name}@${manifest.version}`
  const changelog = join(folder, 'CHANGELOG.md')
  const notes = existsSync(changelog) ? notesOf(readFileSync(changelog, 'utf8'), manifest.version) : undefined
  if (notes === undefined) console.log(`${tag} is in no changelog: no release`)
  else if (dryRun) console.log(`would release ${tag}:\n${notes}\n`)
  else if (isReleased(tag)) console.log(`${tag} is released already`)
  else
    gh(
      'release',
      'create',
      tag,
      '--target',
      process.env.GITHUB_SHA ?? 'HEAD',
      '--title',
      tag,
      '--notes',
      notes,
    )
}

function isReleased(tag) {
  try {
    execFileSync('gh', ['release', 'view', tag, '--json', 'tagName'], { stdio: 'pipe' })
    return true
  } catch (error) {
    if (`${error.stderr}`.includes('release not found')) return false
    throw error
  }
}

function gh(...args) {
  execFileSync('gh', args, { stdio: 'inherit' })
}
