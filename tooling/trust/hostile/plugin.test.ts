import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BackupPlugin } from '@s3db-backup/plugin'
import { afterAll, expect, it } from 'vitest'
import { program } from '../../../apps/cli/test/program.ts'
import { connected, install, scratch } from '../../../apps/plugin/test/scene.ts'
import { byProfile, record } from '../record.ts'
import { endingOf } from './ending.ts'
import { sealed } from './forge.ts'

// An attacker rewrites the manifest of a real database's backup and fixes its seal; then the plugin and the command
// read it.

const depth = 100_000
const deepList = `${'['.repeat(depth)}${']'.repeat(depth)}`
const deepObject = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const poison = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1'

/** What is written in the place of what in the text of a manifest. */
const changes: Readonly<Record<string, (text: string) => string>> = {
  nothing: (text) => text,
  'a definition without end': (text) => text.replace('"definition": {', `"definition": {"deep":${deepList},`),
  'an entry without end': (text) => text.replace('"entry": {', `"entry": {"deep":${deepObject},`),
  'a form without end': (text) => text.replace('"form": {', `"form": {"deep":${deepObject},`),
  'attributes without end': (text) => text.replace('"attributes": {', `"attributes": {"deep":${deepObject},`),
  'partitions without end': (text) =>
    text.replaceAll('"partitions": {', `"partitions": {"deep":${deepObject},`),
  'telling names in the definition': (text) => text.replace('"definition": {', `"definition": {${poison},`),
  'telling names in the entry': (text) => text.replace('"entry": {', `"entry": {${poison},`),
  'telling names in the form': (text) => text.replace('"form": {', `"form": {${poison},`),
  'telling names in the map of the form': (text) => text.replace('"map": {', `"map": {${poison},`),
  'telling names of attributes': (text) => text.replaceAll('"attributes": {', `"attributes": {${poison},`),
  'telling names of partitions': (text) => text.replaceAll('"partitions": {', `"partitions": {${poison},`),
  'a type that is none': (text) => text.replaceAll('"string"', '"nonsense|min:-1|../../x"'),
  'a behavior that is none': (text) => text.replaceAll('"user-managed"', '"__proto__"'),
  'a version that is a path': (text) => text.replaceAll('"v1"', '"../../v1"'),
  'a resource called as a path': (text) => text.replaceAll('"users"', '"../../precious"'),
  'a resource called constructor': (text) => text.replaceAll('"users"', '"constructor"'),
  'an internal resource of nobody': (text) =>
    text.replace('"internal": {', '"internal": {":objects:nobody": {},'),
  'no definition': (text) => text.replaceAll('"definition"', '"undefinition"'),
}

async function scene() {
  const outside = scratch()
  const path = join(outside, 'inner', 'backups')
  mkdirSync(path, { recursive: true })
  writeFileSync(join(outside, 'precious'), 'untouched')
  const database = await connected({ connectionString: `file://${outside}/inner/database` })
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insert({ id: 'u1', name: 'Ada' })
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path }, logLevel: 'silent' })
  await install(database, plugin)
  const honest = await plugin.backup('full')
  const { id } = await plugin.backup('full')
  return { outside, path, plugin, honest: honest.id, id }
}

function rewrite(path: string, id: string, change: (text: string) => string): void {
  const file =
    readdirSync(path, { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith(`${id}/s3db.json`),
    ) ?? ''
  const bytes = readFileSync(join(path, file))
  const body = bytes.subarray(0, -85).toString('utf8')
  writeFileSync(`${join(path, file)}.new`, sealed(`${change(body)}\n}`))
  renameSync(`${join(path, file)}.new`, join(path, file))
}

const ends: Record<string, number> = {}

/** Each of them opens three databases and waits for the disk. */
const chosen = Object.entries(changes).filter((_, index) => index % byProfile({ short: 2, long: 1 }) === 0)

it.each(chosen)(
  '%s: the plugin ends with a clear message, and the honest backup is whole',
  async (name, change) => {
    const { outside, path, plugin, honest, id } = await scene()
    rewrite(path, id, change)
    const into = (folder: string) => ({ target: `file://${outside}/inner/${folder}` })
    const methods = {
      list: () => plugin.list(),
      describe: () => plugin.describe(id),
      status: () => plugin.getBackupStatus(id),
      verify: () => plugin.verify(id),
      drill: () => plugin.drills.run(id),
      validate: () => plugin.validateBackups(),
      'dry run': () => plugin.restore(id, { ...into('dry'), dryRun: true }),
      restore: () => plugin.restore(id, into('restored')),
      incremental: () => plugin.backup('incremental'),
      consolidate: () => plugin.consolidate(id),
      cleanup: () => plugin.cleanupBackups({ dryRun: true }),
      delete: () => plugin.deleteBackup(id, { force: true }),
    }
    for (const [what, work] of Object.entries(methods)) {
      const ending = await endingOf(`${name}: ${what}`, work)
      const words = ending === 'fine' ? 'answered' : `refused as ${ending}`
      ends[words] = (ends[words] ?? 0) + 1
      if (name === 'nothing') expect(ending, what).toBe('fine')
    }
    expect(readdirSync(outside).sort()).toEqual(['inner', 'precious'])
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('untouched')
    expect((await plugin.verify(honest)).ok).toBe(true)
  },
)

it('the command lists, verifies and refuses what an attacker wrote', async () => {
  const names = ['telling names of attributes', 'a definition without end', 'a resource called as a path']
  for (const name of names.slice(0, byProfile({ short: 1, long: 3 }))) {
    const { outside, path, honest, id } = await scene()
    rewrite(path, id, changes[name] ?? String)
    const run = (...args: string[]) => program([...args, '--path', path], { cwd: outside })
    const listed = await run('list', '--quiet')
    expect(listed.stdout).toContain(honest)
    for (const args of [
      ['show', id],
      ['restore', id, '--target', `file://${outside}/inner/restored`],
    ]) {
      const { code, stderr } = await run(...args)
      expect(code, `${name}: ${stderr}`).not.toBe(1)
      expect(stderr).not.toMatch(/^\s+at /m)
      const words = code === 0 ? 'answered' : 'refused by the command'
      ends[words] = (ends[words] ?? 0) + 1
    }
    expect((await run('verify', honest)).code).toBe(0)
    expect(readdirSync(outside).sort()).toEqual(['inner', 'precious'])
  }
})

afterAll(() => {
  const tried = Object.values(ends).reduce((sum, number) => sum + number, 0)
  record({
    suite: 'hostile backup',
    what: 'rewritten manifests, through the plugin and the command',
    tried,
    ended: ends,
  })
})
