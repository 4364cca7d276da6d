// Publishes tarballs whose version the registry does not have yet, those that others depend on first.
// node tooling/release/run.mjs --dry-run            packs everything and prints what would be published
// node tooling/release/run.mjs --pack <folder>      only packs (needs no rights)
// node tooling/release/run.mjs --publish <folder>   only publishes what lies there (runs no code of the packages)
// node tooling/release/run.mjs                      packs, then publishes
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { pack } from '../pack-check/run.mjs'

const { values } = parseArgs({
  options: { 'dry-run': { type: 'boolean' }, pack: { type: 'string' }, publish: { type: 'string' } },
})

function isPublished(spec) {
  try {
    return execFileSync('npm', ['view', spec, 'version'], { encoding: 'utf8', stdio: 'pipe' }).trim() !== ''
  } catch (error) {
    if (`${error.stdout}${error.stderr}`.includes('E404')) return false
    throw error
  }
}

/** The file name carries the order, so that publishing needs nothing but the folder. */
async function packInOrder(folder) {
  mkdirSync(folder, { recursive: true })
  const tarballs = [...(await pack(folder)).values()] // pnpm packs dependencies before dependents
  tarballs.forEach((file, index) => {
    renameSync(file, join(folder, `${String(index).padStart(2, '0')}-${basename(file)}`))
  })
}

function publish(folder, dryRun) {
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.tgz'))
    .sort()) {
    const file = join(folder, name)
    const manifest = JSON.parse(
      execFileSync('tar', ['xzOf', file, 'package/package.json'], { encoding: 'utf8' }),
    )
    const spec = `${manifest.name}@${manifest.version}`
    const { access, provenance } = manifest.publishConfig ?? {}
    if (dryRun) {
      const how = `${access}, ${provenance ? 'with' : 'WITHOUT'} provenance`
      console.log(`would publish ${spec} (${how}) unless it is there already`)
    } else if (isPublished(spec)) console.log(`${spec} is published already`)
    else execFileSync('npm', ['publish', file, '--access', 'public', '--provenance'], { stdio: 'inherit' })
  }
}

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
