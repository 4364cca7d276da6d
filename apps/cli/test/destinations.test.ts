import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { temporaryFolder } from './surroundings.js'

/** A folder with a database, a configuration of two places, and one backup that is at both. */
async function twoPlaces() {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const drivers = ['near', 'far'].map((name) => ({
    driver: 'filesystem',
    name,
    config: { path: `./${name}` },
  }))
  const settings = { connection: `file://${join(cwd, 'database')}`, driver: 'multi', config: { drivers } }
  await writeFile(join(cwd, 's3db-backup.config.json'), JSON.stringify(settings))
  const made = await command(['backup', '--json'], { cwd })
  const { id }: { id: string } = JSON.parse(made.stdout)
  return { cwd, id }
}

test('doctor says for each destination what works, and exits with the code of what does not', async () => {
  const cwd = await temporaryFolder()
  const good = await command(['doctor', '--path', './backups'], { cwd })
  expect(good.code).toBe(0)
  for (const check of ['write', 'read', 'listing', 'delete', 'space']) expect(good.stdout).toContain(check)
  expect(good.stdout).toContain('✓ Backups can be kept here')

  await writeFile(join(cwd, 'a-file'), '')
  const bad = await command(['doctor', '--path', './a-file/below'], { cwd })
  expect(bad.code).toBeGreaterThan(2)
  expect(bad.stderr).toContain('✗ 1 problem')
  const asJson = await command(['doctor', '--path', './a-file/below', '--json'], { cwd })
  expect(asJson.code).toBe(bad.code)
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    ok: false,
    findings: [{ check: 'write', level: 'problem' }],
  })
})

test('a destination that lost a backup is found out and gets it again', async () => {
  const { cwd, id } = await twoPlaces()
  await rm(join(cwd, 'far'), { recursive: true })
  const verified = await command(['verify', id, '--everywhere'], { cwd })
  expect(verified).toMatchObject({ code: 3, stdout: expect.stringMatching(/near +whole[\s\S]*far +missing/) })

  const synced = await command(['sync'], { cwd })
  expect(synced).toMatchObject({ code: 0, stdout: expect.stringContaining(`✓ ${id} to far`) })
  const again = await command(['sync', id], { cwd })
  expect(again).toMatchObject({ code: 0, stdout: 'Every destination has everything.\n' })
  expect(await command(['verify', id, '--everywhere'], { cwd })).toMatchObject({ code: 0 })
})

test('a damaged file at one destination is found out and healed from the other', async () => {
  const { cwd, id } = await twoPlaces()
  const file = join(cwd, 'far', id, 'people.jsonl.gz')
  await rm(file)
  await writeFile(file, 'spoilt')
  const verified = await command(['verify', id, '--everywhere', '--json'], { cwd })
  expect(verified.code).toBe(7)
  expect(JSON.parse(verified.stdout)).toMatchObject({
    ok: false,
    replicas: [
      { name: 'near', state: 'whole' },
      { name: 'far', state: 'damaged' },
    ],
  })
  const repaired = await command(['repair', id], { cwd })
  expect(repaired).toMatchObject({ code: 0, stdout: '✓ people.jsonl.gz healed at far\n' })
  expect(await command(['verify', id, '--everywhere'], { cwd })).toMatchObject({ code: 0 })
})

test('what needs several destinations, or an archive, says so where there is none', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const connection = ['--connection', `file://${join(cwd, 'database')}`]
  const made = await command(['backup', '--json', ...connection], { cwd })
  const { id }: { id: string } = JSON.parse(made.stdout)
  const synced = await command(['sync'], { cwd })
  expect(synced).toMatchObject({ code: 2, stderr: expect.stringContaining('only one destination') })
  for (const name of ['verify', 'restore']) {
    const thawed = await command([name, id, '--tier', 'Bulk', ...(name === 'restore' ? connection : [])], {
      cwd,
    })
    expect(thawed).toMatchObject({ code: 2, stderr: expect.stringContaining('never archived') })
  }
})
