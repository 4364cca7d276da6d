import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { published } from '../pack-check/packages.mjs'
import { pack, run, withoutS3dbExtras } from '../pack-check/run.mjs'
import { folderOfNode } from '../release/rehearsal/node-of.mjs'

// All other tests use the newest s3db.js on the Node of this repository. SUPPORTED=long also tries the rest.
const pairs =
  process.env.SUPPORTED === 'long'
    ? [
        ['22.15.0', '19.5.10'],
        ['24', '19.5.10'],
        ['24', '21.6.2'],
        ['26', '19.5.10'],
        ['26', '21.6.2'],
      ]
    : [['24', '19.5.10']]

const folder = mkdtempSync(join(tmpdir(), 's3db-backup-supported-'))
const apartFromCommand = ['ui', 'create-driver', 'format-conformance']
const apart = [
  'cli',
  'ui',
  'shards',
  'shards-bullmq',
  'create-driver',
  'format-conformance',
  'driver-testkit',
]
let tarballs: Map<string, string>
beforeAll(async () => {
  mkdirSync(join(folder, 'tarballs'))
  tarballs = await pack(join(folder, 'tarballs'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(pairs)('on Node %s, a database of s3db.js %s is restored', async (node, s3db) => {
  const project = join(folder, `${node}-${s3db}`)
  mkdirSync(project)
  const ours = [...tarballs].filter(([name]) => !apart.includes(name.replace('@s3db-backup/', '')))
  const dependencies = {
    ...Object.fromEntries(ours.map(([name, file]) => [name, `file:${file}`])),
    's3db.js': s3db,
  }
  const manifest = { private: true, type: 'module', dependencies, ...withoutS3dbExtras(project) }
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
  cpSync(join(import.meta.dirname, 'there-and-back.mjs'), join(project, 'there-and-back.mjs'))
  const PATH = [await folderOfNode(node ?? '', folder), process.env.PATH].join(delimiter)
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], project, {
    PATH,
  })
  expect(await run('node', ['there-and-back.mjs'], project, { PATH })).toBe('19 records came back\n')

  // A globally installed command has no s3db.js of its own: it uses the project's.
  const everywhere = join(folder, `everywhere-${node}-${s3db}`)
  const commands = [...tarballs].filter(
    ([name]) => !apartFromCommand.includes(name.replace('@s3db-backup/', '')),
  )
  const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  await run(
    'npm',
    ['install', '--global', '--prefix', everywhere, ...quietly, ...commands.map(([, file]) => file)],
    project,
    { PATH },
  )
  const command = join(everywhere, process.platform === 'win32' ? '' : 'bin', 's3db-backup')
  const ask = async (args: readonly string[], connection: string) =>
    JSON.parse(
      await run(command, [...args, '--json'], project, { PATH, S3DB_CONNECTION: `file://./${connection}` }),
    )
  const made = await ask(['backup'], 'shop')
  const back = await ask(['restore', made.id], 'once-more')
  expect([made.records, back.resources.users.restored]).toEqual([19, 19])
})

test('the page of supported versions names what is tested, and the packages require it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/supported.md'), 'utf8')
  for (const version of ['22.15', '24', '26', '19.5.10', '21.6']) expect(page).toContain(version)
  for (const { manifest } of published) {
    expect(manifest.publishConfig.engines.node, manifest.name).toBe('>=22.15')
    const asked = manifest.peerDependencies?.['s3db.js']
    if (asked !== undefined) expect(asked, manifest.name).toBe('>=19.5.10')
  }
})
