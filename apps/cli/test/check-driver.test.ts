import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contractCases } from '@s3db-backup/driver-testkit'
import { beforeEach, expect, test } from 'vitest'
import { command } from './command.js'
import { temporaryFolder } from './surroundings.js'

let cwd: string
beforeEach(async () => {
  cwd = await temporaryFolder()
})

const write = (name: string, text: string) => writeFile(join(cwd, name), text)
const check = (...args: string[]) => command(['check-driver', ...args], { cwd })

/** A driver over the map that it is given, with whatever is to be wrong about it. */
const driver = (wrong = '') => `
  const objects = new Map()
  export default () => ({
    name: 'map',
    async put(key, body, { signal }) {
      const chunks = []
      for await (const chunk of body) chunks.push(Uint8Array.from(chunk))
      signal.throwIfAborted()
      objects.set(key, Buffer.concat(chunks))
      return { bytes: objects.get(key).length }
    },
    async *get(key) { yield objects.get(key) },
    async *list(prefix) {
      for (const [key, { length }] of objects) if (key.startsWith(prefix)) yield { key, bytes: length }
    },
    async delete(key) { objects.delete(key) },
    ${wrong}
  })`

test('a driver that meets the contract exits with 0, and nothing is left behind', async () => {
  const { code, stdout } = await check('filesystem', '--path', './storage')
  // Files have no clock of their own, so the two clock cases do not apply.
  expect(stdout).toContain(`${contractCases.length - 2} cases passed, 0 failed, 2 skipped`)
  expect(code).toBe(0)
  expect(await readdir(join(cwd, 'storage'))).toEqual([])
})

test('a driver that breaks it exits with 1, and the report names the case and what was found', async () => {
  await write('mine.mjs', driver())
  const { code, stdout } = await check('./mine.mjs', '--only', 'get-missing,delete-missing')
  expect(code).toBe(1)
  expect(stdout).toContain('✗ get-missing: get of a missing key rejects with not_found at the first read')
  expect(stdout).toContain('map breaks the contract: 1 case passed, 1 failed, 0 skipped')
  const quiet = await check('./mine.mjs', '--only', 'get-missing,delete-missing', '--quiet')
  expect(quiet.stdout).not.toContain('delete-missing')
})

test('the report is a document with --json, and the progress is lines', async () => {
  await write('mine.mjs', driver())
  const only = ['--only', 'get-missing,get-offset,delete-missing']
  const { stdout, stderr } = await check('./mine.mjs', ...only, '--json', '--progress', 'json')
  expect(JSON.parse(stdout)).toMatchObject({
    driver: 'map',
    cases: [
      { id: 'get-missing', status: 'failed', reason: expect.stringContaining('must reject') },
      { id: 'get-offset', status: 'skipped' },
      { id: 'delete-missing', status: 'passed' },
    ],
    ...{ passed: 1, failed: 1, skipped: 1, leftovers: [] },
  })
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toMatchObject([{ done: 1, total: 3, id: 'get-missing' }, { done: 2 }, { done: 3 }])
})

test('what cannot be removed is named, and exits with 1', async () => {
  await write('mine.mjs', driver('async delete() {},'))
  const { code, stderr } = await check('./mine.mjs', '--only', 'put-odd-sizes')
  expect(code).toBe(1)
  expect(stderr).toMatch(/Left behind: driver-testkit-.*put-odd-sizes/)
})

test('a configuration file gives the driver, by name or as an object', async () => {
  await write('backups.json', JSON.stringify({ driver: 'filesystem', path: './storage' }))
  const only = ['--only', 'put-empty', '--quiet']
  expect(await check('backups.json', ...only)).toMatchObject({ code: 0 })
  await write('mine.mjs', driver())
  await write('mine.config.mjs', `import make from './mine.mjs'; export default { driver: make() }`)
  expect(await check('mine.config.mjs', ...only)).toMatchObject({ code: 0 })
})

test('a missing package and an unknown case exit with 2 and give advice', async () => {
  expect(await check('s3db-backup-driver-ftp')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('npm install s3db-backup-driver-ftp'),
  })
  expect(await check('filesystem', '--only', 'put-emty')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "put-empty"?'),
  })
})
