import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { backup, isBackupError, openCatalog, records } from '@s3db-backup/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BackupPlugin, openDriver } from './index.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 's3db-backup-load-'))
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A driver that keeps objects in a map, as text, and shows what it was made with. */
const driver = `{
  const objects = new Map()
  return {
    name: 'map', options, objects,
    async put(key, body) {
      const chunks = []
      for await (const chunk of body) chunks.push(chunk)
      objects.set(key, Buffer.concat(chunks))
      return { bytes: objects.get(key).length }
    },
    async *get(key) { yield objects.get(key) },
    async *list(prefix) {
      for (const [key, { length }] of objects) if (key.startsWith(prefix)) yield { key, bytes: length }
    },
    async delete(key) { objects.delete(key) },
  }
}`

function install(name: string, source: string, manifest: object = { type: 'module', exports: './index.js' }) {
  const path = join(folder, 'node_modules', name)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...manifest }))
  if (source !== '') writeFileSync(join(path, 'index.js'), source)
}

function refusal(name: string, config: Record<string, unknown> = {}) {
  try {
    openDriver({ driver: name, config })
  } catch (error) {
    if (isBackupError(error, 'invalid_options')) return `${error.message}. ${error.suggestion}`
    throw error
  }
  throw new Error(`${name} was taken`)
}

test.each(['s3db-backup-driver-map', '@acme/s3db-backup-driver-map', '@acme/storage', 'storage/index.js'])(
  'a package is loaded by its name from the project in the current directory: %s',
  (name) => {
    install(name.replace('/index.js', ''), `export default (options) => ${driver}`, {
      type: 'module',
      exports: { '.': './index.js', './index.js': './index.js' },
    })
    expect(openDriver({ driver: name, config: { host: 'h' } })).toMatchObject({
      name: 'map',
      options: { host: 'h' },
    })
  },
)

test('the name after the prefix is enough for an installed package', () => {
  install('s3db-backup-driver-map', `export const map = (options) => ${driver}`)
  expect(openDriver({ driver: 'map' }).name).toBe('map')
})

test.each<[string, object, string]>([
  ['CommonJS', { main: 'index.js' }, `module.exports = (options) => ${driver}`],
  ['only an import condition', { type: 'module', exports: { import: './index.js' } }, 'esm'],
  [
    'types beside it',
    { type: 'module', exports: { '.': { import: { types: './x.d.ts', default: './index.js' } } } },
    'esm',
  ],
])('a package may have %s', (_, manifest, source) => {
  install(
    's3db-backup-driver-map',
    source === 'esm' ? `export default (options) => ${driver}` : source,
    manifest,
  )
  expect(openDriver({ driver: 's3db-backup-driver-map' }).name).toBe('map')
})

test('a module is loaded by its path, relative to the current directory, absolute or as an address', () => {
  const path = join(folder, 'my-driver.mjs')
  writeFileSync(path, `export function map(options) ${driver}`)
  for (const name of ['./my-driver.mjs', path, pathToFileURL(path).href])
    expect(openDriver({ driver: name }).name).toBe('map')
})

test('a missing package gives the install command', () => {
  expect(refusal('s3db-backup-driver-ftp')).toContain('Run: npm install s3db-backup-driver-ftp')
  expect(refusal('@acme/s3db-backup-driver-ftp')).toContain('npm install @acme/s3db-backup-driver-ftp')
  expect(refusal('ftp')).toContain('npm install s3db-backup-driver-ftp')
  expect(refusal('./nowhere.mjs')).toContain(`starts at the current directory, ${folder}`)
})

test('a misspelt name is corrected, and no package of that name is suggested', () => {
  expect(refusal('filesytem')).toContain('Unknown backup driver: filesytem (did you mean "filesystem"?)')
  expect(refusal('filesytem')).not.toContain('npm install')
  install('filesytem', 'throw new Error("loaded")')
  expect(refusal('filesytem')).toContain('did you mean "filesystem"?')
  expect(refusal('https://example.com/driver.js')).toContain('Unknown backup driver')
})

test('an installed package without its entry file is not reported as missing', () => {
  install('s3db-backup-driver-map', '', { type: 'module', exports: './dist/index.js' })
  expect(refusal('s3db-backup-driver-map')).toContain('is installed, but its entry file is not there')
})

test.each([
  [
    'it exports a (a function), b (a function), version (a string)',
    'export const version = "1", a = () => 1, b = () => 2',
  ],
  ['it exports default (a driver itself)', `const options = {}; export default (() => ${driver})()`],
  ['it exports nothing', 'export {}'],
  ['at once, not a promise', 'export default async () => ({})'],
  ['an object lacks list', 'export default () => ({ name: "x", put() {}, get() {}, delete() {} })'],
  ['undefined is none', 'export default () => undefined'],
  [
    "Cannot load the driver s3db-backup-driver-wrong: Cannot find package 'not-installed-here'",
    'import "not-installed-here"; export default () => 1',
  ],
  ['must not use top-level await', 'await 1; export default () => 1'],
  [
    'Cannot create the driver s3db-backup-driver-wrong: no host',
    'export default (options) => { throw new Error("no host") }',
  ],
])('a wrong package says what was expected and what was found: %s', (message, source) => {
  install('s3db-backup-driver-wrong', source)
  expect(refusal('s3db-backup-driver-wrong')).toContain(message)
})

test.each(['9'.repeat(300), 'file://elsewhere/driver.mjs', 'file:///%2f'])(
  'an impossible name (%s) is refused with a clear message',
  (driver) => {
    expect(() => openDriver({ driver })).toThrow(
      expect.objectContaining({
        code: 'invalid_options',
        message: expect.stringContaining('Cannot look up the driver'),
      }),
    )
  },
)

test('options that a driver refuses are reported with its own message', () => {
  const own = `Object.assign(new Error('config.host is needed'), { name: 'BackupError', code: 'invalid_options', suggestion: 'Give it' })`
  install('s3db-backup-driver-map', `export default () => { throw ${own} }`)
  expect(refusal('s3db-backup-driver-map')).toBe('config.host is needed. Give it')
})

test('a path may have variables; the driver gets what comes before them', async () => {
  install('s3db-backup-driver-map', `export default (options) => ${driver}`)
  const given = { driver: 's3db-backup-driver-map', config: { path: 'backups/app/{year}/{type}', host: 'h' } }
  expect(openDriver(given)).toMatchObject({ options: { path: 'backups/app', host: 'h' } })
})

test('a driver of several destinations takes packages, too', () => {
  install('s3db-backup-driver-map', `export default (options) => ${driver}`)
  const config = { drivers: [{ driver: 'map' }, { driver: 'filesystem', config: { path: './b' } }] }
  expect(new BackupPlugin({ driver: 'multi', config })).toBeInstanceOf(BackupPlugin)
})

test('a loaded driver is guarded: what it only claims to have stored is not a backup', async () => {
  install(
    's3db-backup-driver-liar',
    `import make from 's3db-backup-driver-map'
     export default (options) => ({ ...make(options), async put(key, body) { for await (const _ of body); return { bytes: 1 } } })`,
  )
  install('s3db-backup-driver-map', `export default (options) => ${driver}`)
  const source = () => records({ planets: { records: [{ id: 'mars' }] } })
  const honest = openDriver({ driver: 'map' })
  const { id } = await backup({ source: source(), driver: honest })
  expect(await openCatalog(honest).get(id)).toMatchObject({ manifest: { id } })
  const liar = openDriver({ driver: 'liar' })
  await expect(backup({ source: source(), driver: liar })).rejects.toMatchObject({ code: 'unavailable' })
})
