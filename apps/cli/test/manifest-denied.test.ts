import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'

/** Folders, of which some manifests may not be read by this user. */
const driver = (...denied: readonly string[]) => `
  import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
  import { dirname, join } from 'node:path'

  const at = (key) => join(process.cwd(), 'kept', key)
  const refused = (key) => {
    const fields = { name: 'BackupError', code: 'permission_denied', operation: 'download', metadata: {} }
    const told = { suggestion: 'Grant the right to read it.', statusCode: 403, retriable: false }
    return Object.assign(new Error('Permission denied reading ' + key), fields, told, { with() { return this } })
  }
  export default () => ({
    name: 'kept',
    async put(key, body) {
      const chunks = []
      for await (const chunk of body) chunks.push(Uint8Array.from(chunk))
      mkdirSync(dirname(at(key)), { recursive: true })
      writeFileSync(at(key), Buffer.concat(chunks), { flag: 'wx' })
      return { bytes: statSync(at(key)).size }
    },
    async *get(key) {
      if (${JSON.stringify(denied)}.some((id) => key === id + '/s3db.json')) throw refused(key)
      yield readFileSync(at(key))
    },
    async *list(prefix) {
      mkdirSync(at(''), { recursive: true })
      for (const entry of readdirSync(at(''), { recursive: true, withFileTypes: true })) {
        const key = join(entry.parentPath, entry.name).slice(at('').length + 1)
        if (entry.isFile() && key.startsWith(prefix)) yield { key, bytes: statSync(at(key)).size }
      }
    },
    async delete(key) { rmSync(at(key), { force: true }) },
  })`

let cwd: string
/** The ids of the backups, the oldest first. */
let ids: readonly [string, string, string]

const run = (module: string, ...args: string[]) => command([...args, '--driver', `./${module}.mjs`], { cwd })

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  await makeDatabase(join(cwd, 'database'))
  await writeFile(join(cwd, 'all.mjs'), driver())
  const backup = () => run('all', 'backup', '-q', '--connection', `file://${cwd}/database`)
  const made = [await backup(), await backup(), await backup()].map(({ stdout }) => stdout.trim())
  const [oldest = '', middle = '', newest = ''] = made
  ids = [oldest, middle, newest]
  await writeFile(join(cwd, 'oldest.mjs'), driver(oldest))
  await writeFile(join(cwd, 'newest.mjs'), driver(newest))
  await writeFile(join(cwd, 'none.mjs'), driver(...made))
})
afterAll(() => rm(cwd, { recursive: true, force: true }))

const naming = (id: string) => expect.stringContaining(`${id}/s3db.json`)

test('a list shows the others, names the one whose manifest may not be read, and exits with 4', async () => {
  const [oldest, middle, newest] = ids
  const { code, stdout } = await run('newest', 'list')
  expect([code, stdout]).toEqual([4, naming(newest)])
  for (const id of [middle, oldest]) expect(stdout).toMatch(new RegExp(`^${id} .*completed`, 'm'))
  expect(stdout).toMatch(new RegExp(`^${newest} +✗ not readable`, 'm'))

  const quiet = await run('newest', 'list', '--quiet', '--limit', '1')
  expect(quiet).toEqual({ code: 4, stdout: `${middle}\n${newest}\n`, stderr: naming(newest) })
  const filters = [
    ['--since', '2 hours ago'],
    ['--until', '2020-01-01'],
    ['--tag', 'host=app-1'],
  ]
  for (const filter of filters) {
    const filtered = await run('newest', 'list', ...filter)
    expect([filtered.code, `${filtered.stdout}${filtered.stderr}`]).toEqual([4, naming(newest)])
  }
})

test('latest is not an older one while the newest may not be read', async () => {
  const [oldest, middle, newest] = ids
  expect(await run('newest', 'show', 'latest')).toMatchObject({ code: 4, stderr: naming(newest) })
  expect(await run('newest', 'show', middle)).toMatchObject({ code: 0 })
  expect(await run('newest', 'show', newest)).toMatchObject({ code: 4, stderr: naming(newest) })
  expect(await run('oldest', 'show', oldest)).toMatchObject({ code: 4 })
})

test('the last backups are verified, and the one that may not be read is named', async () => {
  const [, middle, newest] = ids
  const { code, stderr } = await run('newest', 'verify', '--last', '3')
  expect([code, stderr]).toEqual([4, naming(newest)])
  expect(stderr).not.toContain(middle)
})

test('nothing is deleted where a manifest may not be read', async () => {
  const [oldest, middle, newest] = ids
  expect(await run('oldest', 'delete', oldest, '--yes', '--force')).toMatchObject({ code: 4 })
  expect(await run('oldest', 'prune', '--keep-last', '1', '--apply')).toMatchObject({ code: 4 })
  expect((await run('all', 'list', '--quiet')).stdout).toBe(`${newest}\n${middle}\n${oldest}\n`)
})

test('where no manifest may be read, the list fails as a whole', async () => {
  expect(await run('none', 'list')).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringContaining('/s3db.json'),
  })
})
