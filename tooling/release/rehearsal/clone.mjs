import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { published, root } from '../../pack-check/packages.mjs'
import { run } from '../../pack-check/run.mjs'

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** A fresh clone of the last commit, installed, with the versions that a release would give. */
export async function freshClone(folder, { build }) {
  await run('git', ['clone', '--quiet', root, folder], root)
  await run('git', ['remote', 'set-url', 'origin', 'https://github.com/acme/s3db-backup.git'], folder)
  const pnpm = (...args) => run('npx', ['-y', packageManager, ...args], folder)
  await pnpm('install', '--frozen-lockfile', '--prefer-offline')
  await pnpm('exec', 'changeset', 'status', '--since', 'HEAD')
  await pnpm('run', 'version-packages')
  if (build) await pnpm('run', 'build')
  else copyBuilt(folder)
  return { folder, node: (...args) => run(process.execPath, args, folder) }
}

/** What was built here; a build of its own takes minutes. */
function copyBuilt(folder) {
  for (const { folder: from } of published) {
    const dist = join(from, 'dist')
    if (existsSync(dist)) cpSync(dist, join(folder, relative(root, dist)), { recursive: true })
  }
}
