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

test('doctor reports on each destination, and exits with the code of a failure', async () => {
  const cwd = await temporaryFolder()
  const good = await command(['doctor', '--path', './backups'], { cwd })
  expect(good.code).toBe(0)
  for (const check of ['write', 'read', 'listing', 'delete', 'space']) expect(good.stdout).toContain(check)
  expect(good.stdout).toContain('✓ The destination is usable')

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

test('a destination that lost a backup is detected and gets it again', async () => {
  const { cwd, id } = await twoPlaces()
  await rm(join(cwd, 'far'), { recursive: true })
  const verified = await command(['verify', id, '--everywhere'], { cwd })
  expect(verified).toMatchObject({ code: 3, stdout: expect.stringMatching(/near +whole[\s\S]*far +missing/) })

  const synced = await command(['sync'], { cwd })
  expect(synced).toMatchObject({ code: 0, stdout: expect.stringContaining(`✓ ${id} to far`) })
  const again = await command(['sync', id], { cwd })
  expect(again).toMatchObject({ code: 0, stdout: 'Every destination is complete.\n' })
  expect(await command(['verify', id, '--everywhere'], { cwd })).toMatchObject({ code: 0 })
})

test('a damaged file at one destination is detected and repaired from the other', async () => {
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
  expect(repaired).toMatchObject({ code: 0, stdout: '✓ people.jsonl.gz repaired at far\n' })
  expect(await command(['verify', id, '--everywhere'], { cwd })).toMatchObject({ code: 0 })
})

test('commands that need several destinations, or an archive, say so if there is none', async () => {
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

test('a destination without the backup is reported on the screen and in JSON, and --strict exits with 12', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  // A file is where the second folder should be.
  await writeFile(join(cwd, 'far'), '')
  const drivers = ['near', 'far'].map((name) => ({
    driver: 'filesystem',
    name,
    config: { path: `./${name}` },
  }))
  const config = { strategy: 'any', drivers }
  const settings = { connection: `file://${join(cwd, 'database')}`, driver: 'multi', config }
  await writeFile(join(cwd, 's3db-backup.config.json'), JSON.stringify(settings))
  const made = await command(['backup'], { cwd })
  expect(made).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('! The destination far does not have the backup: '),
  })
  expect(await command(['backup', '--strict', '--quiet'], { cwd })).toMatchObject({ code: 12 })
  const { stdout } = await command(['backup', '--json'], { cwd })
  expect(JSON.parse(stdout).warnings).toEqual([
    expect.objectContaining({ code: 'destination_missed', metadata: { destination: 'far' } }),
  ])
  // Backups at both destinations are no reason to warn.
  await rm(join(cwd, 'far'))
  expect(await command(['backup', '--strict', '--quiet'], { cwd })).toMatchObject({ code: 0, stderr: '' })
})

test('a failed clean-up after a backup is a warning of that backup', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const settings = { connection: `file://${join(cwd, 'database')}`, retention: { keepLast: 1 } }
  await writeFile(join(cwd, 's3db-backup.config.json'), JSON.stringify(settings))
  for (const _ of [1, 2, 3]) expect(await command(['backup', '--quiet'], { cwd })).toMatchObject({ code: 0 })
  // This would delete more at once than the safety limit allows.
  const guarded = { ...settings, retention: undefined }
  await writeFile(join(cwd, 'plain.json'), JSON.stringify(guarded))
  for (const _ of [1, 2, 3, 4, 5]) await command(['backup', '--quiet', '--config', 'plain.json'], { cwd })
  const outcome = await command(['backup', '--strict', '--json'], { cwd })
  expect(outcome).toMatchObject({ code: 12 })
  expect(JSON.parse(outcome.stdout).warnings).toEqual([expect.objectContaining({ code: 'cleanup_failed' })])
})
