import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bin } from './program.js'
import { cleanEnvironment, temporaryFolder } from './surroundings.js'

/** Writes down the address of every module that a process loads. */
const recorder = `
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADED_MODULES, url + '\\n')
    return next(url, context)
  },
})
`

/** The modules that the built command loads for a command line, by their packages or files; without Node's own. */
async function loadedBy(args: readonly string[]): Promise<string[]> {
  const cwd = await temporaryFolder()
  const list = join(cwd, 'modules.txt')
  await writeFile(join(cwd, 'recorder.mjs'), recorder)
  const child = spawn(process.execPath, ['--import', join(cwd, 'recorder.mjs'), bin, ...args], {
    cwd,
    env: { ...cleanEnvironment(), LOADED_MODULES: list },
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
