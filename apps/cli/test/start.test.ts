import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDatabase } from './databases.js'
import { bin } from './program.js'
import { cleanEnvironment, temporaryFolder } from './surroundings.js'

/** Writes down the address of every module that a process loads, and each thread that it starts. */
const recorder = `
import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
subscribe('worker_threads', () => appendFileSync(process.env.LOADED_MODULES, 'file:a thread\\n'))
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADED_MODULES, url + '\\n')
    return next(url, context)
  },
})
`

/** The modules that the built command loads for a command line, by their packages or files; without Node's own. */
async function loadedBy(args: readonly string[], env: Record<string, string> = {}): Promise<string[]> {
  const cwd = await temporaryFolder()
  const list = join(cwd, 'modules.txt')
  await writeFile(join(cwd, 'recorder.mjs'), recorder)
  const child = spawn(process.execPath, ['--import', join(cwd, 'recorder.mjs'), bin, ...args], {
    cwd,
    env: { ...cleanEnvironment(env), LOADED_MODULES: list },
    stdio: 'ignore',
  })
  await new Promise((resolve) => child.on('close', resolve))
  const urls = (await readFile(list, 'utf8')).trimEnd().split('\n')
  return urls
    .filter((url) => url.startsWith('file:'))
    .map((url) => url.replace(/^.*\/(?=node_modules\/)/, ''))
}

const packagesOf = (urls: readonly string[]) =>
  new Set(urls.flatMap((url) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []))

test.each([
  { typed: 'nothing', args: [] },
  { typed: 'the version', args: ['--version'] },
  { typed: 'help', args: ['--help'] },
  { typed: 'help for a command that is not there', args: ['help', 'lst'] },
  { typed: 'a command that is not there', args: ['lsit'] },
  { typed: 'an option that is not there', args: ['--pth'] },
])('typing $typed loads only the parser and the words', async ({ args }) => {
  const loaded = await loadedBy(args)
  expect([...packagesOf(loaded)].filter((name) => !['commander', 'picocolors'].includes(name))).toEqual([])
  const ours = loaded.filter((url) => url.includes('/packages/') || url.includes('/apps/plugin/'))
  expect(ours.filter((url) => !/\/packages\/core\/dist\/(messages|chunk-\w+)\.js$/.test(url))).toEqual([])
  expect(loaded.length).toBeLessThan(30)
})

test('a backup loads s3db.js without its plugins, and without the thread that colours its log', async () => {
  const folder = await temporaryFolder()
  await makeDatabase(folder)
  const S3DB_CONNECTION = `file://${folder}`
  const loaded = await loadedBy(['backup', '--path', join(folder, 'backups')], { S3DB_CONNECTION })
  const s3db = loaded.filter((url) => url.includes('/s3db.js/dist/'))
  expect(s3db).toContainEqual(expect.stringContaining('database.class.js'))
  expect(s3db.filter((url) => url.includes('/dist/plugins/'))).toEqual([])
  expect(loaded).not.toContain('file:a thread')
})
