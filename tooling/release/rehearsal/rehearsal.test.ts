import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installation, step } from '../../deploy/files.ts'
import { blocksOf, needs, readDocument } from '../../docs/blocks.ts'
import { workplace } from '../../docs/workplace.ts'
import { published } from '../../pack-check/packages.mjs'
import { run, withoutS3dbExtras } from '../../pack-check/run.mjs'
import { freshClone } from './clone.mjs'
import { folderOfNode } from './node-of.mjs'
import { localRegistry } from './registry.mjs'

// A release, from a fresh clone to a user who installs it, with a registry on this machine. REHEARSAL=long builds in
// the clone and installs on every supported Node; otherwise the existing build is used, on one Node.
const long = process.env.REHEARSAL === 'long'
const folder = mkdtempSync(join(tmpdir(), 's3db-backup-rehearsal-'))
const tarballs = join(folder, 'tarballs')
let registry: Awaited<ReturnType<typeof localRegistry>>
let clone: Awaited<ReturnType<typeof freshClone>>

beforeAll(async () => {
  registry = await localRegistry(join(folder, 'registry'))
  clone = await freshClone(join(folder, 'clone'), { build: long })
  writeFileSync(join(clone.folder, '.npmrc'), registry.npmrc)
})
afterAll(async () => {
  await registry?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const release = (...args: string[]) => clone.node('tooling/release/run.mjs', ...args)

describe('a release', () => {
  test('is refused in a checkout without a repository', async () => {
    const origin = (address: string) => run('git', ['remote', 'set-url', 'origin', address], clone.folder)
    await origin('/somewhere/else')
    await expect(
      run(process.execPath, ['tooling/release/run.mjs', '--pack', tarballs], clone.folder, {
        GITHUB_REPOSITORY: '',
      }),
    ).rejects.toThrow('No repository on GitHub is known')
    await origin('https://github.com/acme/s3db-backup.git')
  })

  test('gives every package a version, one entry in its changelog, and a tarball', async () => {
    for (const { folder: here, manifest } of published) {
      const there = here.replace(/^.*\/(packages|apps)\//, `${clone.folder}/$1/`)
      const changelog = readFileSync(join(there, 'CHANGELOG.md'), 'utf8')
      if (manifest.version === '0.0.0') expect(changelog.match(/^- /gm), manifest.name).toHaveLength(1)
    }
    await release('--pack', tarballs)
    expect(readdirSync(tarballs)).toHaveLength(published.length)
  })

  test('publishes every package, and none the second time', async () => {
    await release('--publish', tarballs, '--rehearse', registry.url)
    const again = await release('--publish', tarballs, '--rehearse', registry.url)
    expect(again.match(/is published already/g)).toHaveLength(published.length)
  })
})

// s3db.js requires Node 24; packages that do not need it run on older ones.
const withoutS3db = [
  'core',
  'retention',
  'encryption',
  'driver-filesystem',
  'driver-multi',
  'driver-s3',
  'driver-testkit',
]
const nodes = long ? ['22.15.0', '24', '26'] : ['24']

describe.each(nodes)('on Node %s', (version) => {
  const project = join(folder, `project-${version}`)
  const hasS3db = Number.parseInt(version, 10) >= 24
  let node: string

  test('the packages install by name into an empty project', async () => {
    mkdirSync(project)
    node = await folderOfNode(version, folder)
    writeFileSync(join(project, '.npmrc'), registry.npmrc)
    const manifest = { private: true, type: 'module', ...withoutS3dbExtras(project) }
    writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
    const ours = published
      .map(({ manifest: { name } }) => name as string)
      .filter((name) => hasS3db || withoutS3db.includes(name.replace('@s3db-backup/', '')))
    await npm('install', ...ours, ...(hasS3db ? ['s3db.js'] : []))
    const installed = readdirSync(join(project, 'node_modules/@s3db-backup'))
    expect(installed).toEqual(expect.arrayContaining(ours.map((name) => name.replace('@s3db-backup/', ''))))
  })

  const documents = hasS3db
    ? ['README.md']
    : ['core', 'retention', 'encryption', 'driver-filesystem'].map((name) => `packages/${name}/README.md`)
  for (const document of documents)
    for (const block of blocksOf(document, readDocument(document)))
      if (['js', 'bash'].includes(block.language) && needs(block) === undefined)
        test(`${document}, line ${block.line}, runs as written`, () =>
          workplace({ installed: project, node }).run(block))

  if (hasS3db) {
    test.each([
      ['the image', installation(), 'node_modules/.bin'],
      ['the action', step('install'), 's3db-backup/node_modules/.bin'],
    ])('%s of deploy/ installs the command by name', async (name, script, bin) => {
      const here = join(folder, name.replace(' ', '-'))
      // The image installs in this folder, the action in one below it.
      for (const place of [here, join(here, 's3db-backup')]) {
        mkdirSync(place, { recursive: true })
        writeFileSync(join(place, '.npmrc'), registry.npmrc)
        writeFileSync(
          join(place, 'package.json'),
          JSON.stringify({ private: true, ...withoutS3dbExtras(place) }),
        )
      }
      const PATH = [node, process.env.PATH].join(delimiter)
      const env = { PATH, VERSION: 'latest', RUNNER_TEMP: here, GITHUB_PATH: join(here, 'path') }
      await run('bash', ['-euo', 'pipefail', '-c', script], here, {
        ...env,
        npm_config_prefer_offline: 'true',
      })
      expect(await run(join(here, bin, 's3db-backup'), ['--version'], here, env)).toMatch(/^\d+\.\d+\.\d+\n$/)
    })

    test('npm create @s3db-backup/driver makes a driver that meets the contract', async () => {
      await npm('create', '@s3db-backup/driver', 'acme', '--yes')
      const driver = join(project, 's3db-backup-driver-acme')
      writeFileSync(join(driver, '.npmrc'), registry.npmrc)
      await npmIn(driver, 'install')
      const tested = await npmIn(driver, 'test')
      expect(tested).toMatch(/^(# |ℹ )pass [4-9]\d$/m)
      expect(tested).toMatch(/^(# |ℹ )fail 0$/m)
    })
  }

  const npm = (...args: string[]) => npmIn(project, ...args)
  // npm starts the first Node that it finds.
  const npmIn = (where: string, ...args: string[]) =>
    run('npm', [...args, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], where, {
      PATH: [node, process.env.PATH].join(delimiter),
    })
})
