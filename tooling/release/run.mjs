// Publishes the tarballs whose versions the registry does not have yet, dependencies first.
// node tooling/release/run.mjs --dry-run            packs everything and prints what would be published
// node tooling/release/run.mjs --pack <folder>      only packs (needs no permissions)
// node tooling/release/run.mjs --publish <folder>   only publishes the tarballs there (runs no code of the packages)
// node tooling/release/run.mjs                      packs, then publishes
// --rehearse <registry> publishes to another registry, without provenance.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { pack } from '../pack-check/run.mjs'
import { repositoryHere } from './origin.mjs'
import { rewriteReadme } from './readme-links.mjs'

const { values } = parseArgs({
  options: {
    'dry-run': { type: 'boolean' },
    pack: { type: 'string' },
    publish: { type: 'string' },
    rehearse: { type: 'string' },
  },
})
const registry = values.rehearse === undefined ? [] : ['--registry', values.rehearse]

function isPublished(spec) {
  try {
    return (
      execFileSync('npm', ['view', spec, 'version', ...registry], {
        encoding: 'utf8',
        stdio: 'pipe',
      }).trim() !== ''
    )
  } catch (error) {
    if (`${error.stdout}${error.stderr}`.includes('E404')) return false
    throw error
  }
}

const noRepository =
  'No repository on GitHub is known, which packages have to name: npm refuses provenance without. ' +
  'Set GITHUB_REPOSITORY=<owner>/<name>, or give this checkout an origin on GitHub.'

const manifestOf = (tarball) =>
  JSON.parse(execFileSync('tar', ['xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }))

/** The file name carries the order, so that publishing needs nothing but the folder. */
async function packInOrder(folder) {
  const repository = repositoryHere()
  if (repository === undefined) throw new Error(noRepository)
  mkdirSync(folder, { recursive: true })
  const tarballs = [...(await pack(folder)).values()] // pnpm packs dependencies before dependents
  for (const file of tarballs) {
    const { directory } = manifestOf(file).repository
    rewriteReadme(file, { directory, repository })
  }
  tarballs.forEach((file, index) => {
    renameSync(file, join(folder, `${String(index).padStart(2, '0')}-${basename(file)}`))
  })
}

// Provenance is signed by the CI that publishes; a rehearsal has none.
const provenanceOption = values.rehearse === undefined ? ['--provenance'] : ['--provenance=false']

function publish(folder, dryRun) {
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.tgz'))
    .sort()) {
    const file = join(folder, name)
    const manifest = manifestOf(file)
    const spec = `${manifest.name}@${manifest.version}`
    if (manifest.repository?.url === undefined) throw new Error(`${spec} names no repository. Pack it anew.`)
    const { access, provenance } = manifest.publishConfig ?? {}
    if (dryRun) {
      const how = `${access}, ${provenance ? 'with' : 'WITHOUT'} provenance`
      console.log(`would publish ${spec} (${how}) unless it is there already`)
    } else if (isPublished(spec)) console.log(`${spec} is published already`)
    else
      execFileSync('npm', ['publish', file, '--access', 'public', ...provenanceOption, ...registry], {
        stdio: 'inherit',
      })
  }
}

try {
  await run()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

async function run() {
  if (values.pack) await packInOrder(resolve(values.pack))
  else if (values.publish) publish(resolve(values.publish), values['dry-run'])
  else {
    const folder = mkdtempSync(join(tmpdir(), 's3db-backup-release-'))
    try {
      await packInOrder(folder)
      publish(folder, values['dry-run'])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
