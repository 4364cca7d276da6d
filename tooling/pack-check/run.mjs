// Checks the packages as users install them: as tarballs, outside the workspace.
// node tooling/pack-check/run.mjs          everything
// node tooling/pack-check/run.mjs lint     publint and are-the-types-wrong
// node tooling/pack-check/run.mjs smoke    install the tarballs into an empty project and run scenarios/*.mjs there
// node tooling/pack-check/run.mjs pack     no check: the tarballs into ./tarballs, to install before there is a release
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { published, root } from './packages.mjs'

const scenarios = join(import.meta.dirname, 'scenarios')
const pnpmfile = join(root, 'tooling/release/pnpmfile.cjs')
const windows = process.platform === 'win32'

/** Runs a command; when it fails, what it printed is the error. */
export async function run(command, args, cwd, more = {}) {
  // The settings of the surrounding pnpm run are not those of a user who installs the packages.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^pnpm_/i.test(name)))
  const options = { cwd, env: { ...env, ...more }, shell: windows, maxBuffer: 1 << 26 }
  try {
    return (await promisify(execFile)(command, args, options)).stdout
  } catch (error) {
    throw new Error(`${[command, ...args].join(' ')}\n${error.stdout}${error.stderr}`, { cause: error })
  }
}

/** Tarballs as they would be published, in `to`: package name -> file. */
export async function pack(to) {
  const workspacePnpm = process.env.npm_execpath
  const [command, ...first] =
    workspacePnpm && /pnpm[^/\\]*$/.test(workspacePnpm)
      ? [process.execPath, workspacePnpm]
      : ['npx', '-y', JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager]
  const out = await run(
    command,
    [
      ...first,
      '-r',
      '--filter=!.',
      'pack',
      `--config.pnpmfile=${pnpmfile}`,
      '--json',
      '--pack-destination',
      to,
    ],
    root,
  )
  return new Map(JSON.parse(out).map(({ name, filename }) => [name, join(to, basename(filename))]))
}

/** publint and are-the-types-wrong on every tarball; the messages of those that are not clean. */
export async function lint(tarballs) {
  const bin = (name) => join(root, 'node_modules/.bin', name)
  const problems = []
  for (const [name, file] of tarballs) {
    const { isImported } = published.find(({ manifest }) => manifest.name === name)
    const checks = [
      run(bin('publint'), ['--strict', file]),
      ...(isImported ? [run(bin('attw'), [file, '--profile', 'esm-only', '--no-emoji'])] : []),
    ]
    for (const { reason } of await Promise.allSettled(checks)) if (reason) problems.push(reason.message)
  }
  return problems
}

/**
 * A scenario runs in an empty project of its own that has all tarballs. What else it needs it says in its first lines:
 *     // needs: some-package@^1 other-package
 *     // brings: tooling/some-folder
 *     // installed by: npm pnpm yarn
 * `s3db.js` gets the same stand-ins as in the workspace (see `overrides` in pnpm-workspace.yaml). pnpm and yarn (with
 * Plug'n'Play) let a package import only what it declares.
 */
export const scenarioNames = readdirSync(scenarios).filter((name) => name.endsWith('.mjs'))

const words = (source, name) =>
  new RegExp(`^// ${name}: (.+)$`, 'm').exec(source)?.[1].trim().split(/\s+/) ?? []

/** Runs a scenario once with each installer that it names. */
export async function smoke(tarballs, name) {
  const source = readFileSync(join(scenarios, name), 'utf8')
  const installers = words(source, 'installed by')
  const printed = []
  for (const installer of installers.length > 0 ? installers : ['npm'])
    printed.push(await smokeWith(installer, tarballs, name, source))
  return printed.join('')
}

async function smokeWith(installer, tarballs, name, source) {
  const project = mkdtempSync(join(tmpdir(), 's3db-backup-outside-'))
  try {
    const files = Object.fromEntries([...tarballs].map(([key, file]) => [key, `file:${file}`]))
    const dependencies = { ...files }
    for (const need of words(source, 'needs')) {
      const at = need.lastIndexOf('@')
      dependencies[at > 0 ? need.slice(0, at) : need] = at > 0 ? need.slice(at + 1) : '*'
    }
    const start = await install[installer]({ project, dependencies, files })
    for (const folder of words(source, 'brings'))
      cpSync(join(root, folder), join(project, basename(folder)), { recursive: true })
    cpSync(join(scenarios, name), join(project, name))
    return await run(process.execPath, [...start, name], project)
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

/** For npm: the same stand-ins for dependencies of `s3db.js` as in the workspace, in the project's own folder. */
export function withoutS3dbExtras(project) {
  const shim = join(project, 'recker')
  cpSync(join(root, 'tooling/shims/recker'), shim, { recursive: true })
  const file = `file:${shim}`
  return { overrides: { 's3db.js': { recker: file, 'tuiuiu.js': file, 'cli-args-parser': file } } }
}

const manifestIn = (project, fields) =>
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', ...fields }))

/** Each installs the dependencies and gives what node has to be started with. */
const install = {
  async npm({ project, dependencies }) {
    manifestIn(project, { dependencies, ...withoutS3dbExtras(project) })
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], project)
    return []
  },
  async pnpm({ project, dependencies, files }) {
    manifestIn(project, { dependencies, pnpm: { overrides: files } })
    const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const strict = ['--strict-peer-dependencies', '--config.hoist=false', '--config.auto-install-peers=false']
    await run('npx', ['-y', packageManager, 'install', '--prefer-offline', ...strict], project)
    return []
  },
  async yarn({ project, dependencies, files }) {
    manifestIn(project, { dependencies, resolutions: files })
    const registry = (await run('npm', ['config', 'get', 'registry'], project)).trim().replace(/\/$/, '')
    const settings = {
      nodeLinker: 'pnp',
      npmRegistryServer: registry,
      unsafeHttpWhitelist: [new URL(registry).hostname],
      enableTelemetry: false,
      enableGlobalCache: false,
      enableScripts: false,
    }
    writeFileSync(join(project, '.yarnrc.yml'), JSON.stringify(settings))
    writeFileSync(join(project, 'yarn.lock'), '')
    await run('npx', ['-y', '@yarnpkg/cli-dist@4', 'install', '--no-immutable'], project)
    return ['--require', './.pnp.cjs', '--loader', './.pnp.loader.mjs']
  },
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'pack') await packHere()
  else await check(process.argv[2])
}

async function packHere() {
  const folder = join(root, 'tarballs')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const { size } = await pack(folder)
  console.log(`${size} packages in ${folder}. In a project: npm install ${join(folder, '*.tgz')} s3db.js`)
}

async function check(only) {
  const folder = mkdtempSync(join(tmpdir(), 's3db-backup-tarballs-'))
  try {
    const tarballs = await pack(folder)
    console.log(`packed ${tarballs.size} packages of ${published.length}`)
    if (only !== 'smoke') {
      const problems = await lint(tarballs)
      for (const problem of problems) console.error(problem)
      if (problems.length) process.exitCode = 1
      else console.log('publint and are-the-types-wrong found nothing')
    }
    for (const name of only === 'lint' ? [] : scenarioNames) {
      console.log(`${name}: ${(await smoke(tarballs, name)).trim()}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
