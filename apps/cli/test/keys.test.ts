import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase, people, readPeople } from './databases.js'
import { type Outcome, temporaryFolder } from './surroundings.js'

test('the life of an encrypted backup: a key, a backup, another key, a restore; no output has a key', async () => {
  const cwd = await temporaryFolder()
  const outcomes: Outcome[] = []
  const run = async (...args: string[]) => {
    const outcome = await command(args, { cwd, env: { S3DB_CONNECTION: `file://${cwd}/database` } })
    outcomes.push(outcome)
    return outcome
  }
  await makeDatabase(join(cwd, 'database'))

  expect(await run('keygen', '--out', 'old.key')).toMatchObject({ code: 0, stdout: '' })
  await run('keygen', '--out', 'new.key')
  expect((await stat(join(cwd, 'old.key'))).mode & 0o777).toBe(0o600)
  expect(await run('keygen', '--out', 'old.key')).toMatchObject({ code: 11 })

  const made = JSON.parse((await run('backup', '--json', '--key-file', 'old.key')).stdout)
  expect(await run('verify', made.id)).toMatchObject({ code: 8 })
  expect(await run('consolidate', made.id)).toMatchObject({
    code: 8,
    stderr: expect.stringContaining('Give --key-file or --key-command, or set S3DB_BACKUP_KEY.'),
  })
  expect((await run('list')).stdout).toMatch(new RegExp(`${made.id} .* \\? +\\? `))
  expect((await run('show', made.id, '--key-command', 'cat old.key')).stdout).toMatch(/people +30/)

  const rotate = ['rotate-key', made.id, '--key-file', 'old.key']
  expect(await run(...rotate)).toMatchObject({ code: 2, stderr: expect.stringContaining('No new key') })
  expect(await run(...rotate, '--new-key-file', 'new.key', '--remove-old')).toMatchObject({ code: 0 })
  expect(await run('verify', made.id, '--key-file', 'old.key')).toMatchObject({ code: 8 })
  const target = ['--target', `file://${cwd}/restored`]
  expect(await run('restore', made.id, ...target, '--key-file', 'new.key')).toMatchObject({ code: 0 })
  expect(await readPeople(join(cwd, 'restored'))).toEqual(people)

  const keys = await Promise.all(['old.key', 'new.key'].map((file) => readFile(join(cwd, file), 'utf8')))
  for (const key of keys)
    for (const { stdout, stderr } of outcomes) {
      expect(key.trim()).toMatch(/^base64:.{44}$/)
      expect(stdout + stderr).not.toContain(key.trim().slice('base64:'.length))
    }
})

test('both keys open a rotated backup until --remove-old, and a chain always opens with one of them', async () => {
  const cwd = await temporaryFolder()
  const env = { S3DB_CONNECTION: `file://${cwd}/database` }
  const run = (...args: string[]) => command(args, { cwd, env })
  await makeDatabase(join(cwd, 'database'))
  for (const name of ['old.key', 'new.key', 'other.key']) await run('keygen', '--out', name)
  const backup = async (...args: string[]) => (await run('backup', '--quiet', ...args)).stdout.trim()
  const full = await backup('--key-file', 'old.key')
  const incremental = await backup('incremental', '--key-file', 'old.key')
  const foreign = await backup('--key-file', 'other.key')
  const opens = async (id: string, key: string) =>
    (await run('verify', id, '--key-file', key)).code === 0 ? 'opens' : 'stays closed'
  const rotate = (...args: string[]) =>
    run('rotate-key', ...args, '--key-file', 'old.key', '--new-key-file', 'new.key')

  expect(await rotate(full)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('the old key still opens it until --remove-old'),
  })
  expect([await opens(full, 'old.key'), await opens(full, 'new.key')]).toEqual(['opens', 'opens'])
  expect([await opens(incremental, 'old.key'), await opens(incremental, 'new.key')]).toEqual([
    'opens',
    'stays closed',
  ])
  expect(await rotate(full, '--remove-old')).toMatchObject({
    code: 11,
    stderr: expect.stringContaining('Add --chain'),
  })
  expect(await rotate(incremental, '--chain')).toMatchObject({ code: 0 })
  for (const key of ['old.key', 'new.key']) expect(await opens(incremental, key)).toBe('opens')

  expect(await rotate('--all', '--remove-old')).toMatchObject({
    code: 8,
    stdout: expect.stringContaining('2 backups of 3'),
    stderr: expect.stringContaining(foreign),
  })
  for (const id of [full, incremental])
    expect([await opens(id, 'old.key'), await opens(id, 'new.key')]).toEqual(['stays closed', 'opens'])
  expect(await opens(foreign, 'other.key')).toBe('opens')
  expect(await rotate()).toMatchObject({ code: 2, stderr: expect.stringContaining('--all') })
})

test('a rotation of all backups names the deleted ones, which keep the old key', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const run = (...args: string[]) =>
    command(args, { cwd, env: { S3DB_CONNECTION: `file://${cwd}/database` } })
  for (const name of ['old.key', 'new.key']) await run('keygen', '--out', name)
  const [kept, gone] = [
    (await run('backup', '--quiet', '--key-file', 'old.key')).stdout.trim(),
    (await run('backup', '--quiet', '--key-file', 'old.key')).stdout.trim(),
  ]
  const rotate = ['rotate-key', '--all', '--key-file', 'old.key', '--new-key-file', 'new.key']
  expect(await run(...rotate)).toMatchObject({ code: 0, stderr: '' })
  await run('delete', gone, '--grace', '7d', '--yes')
  const rotated = await run(...rotate, '--remove-old')
  expect(rotated).toMatchObject({ code: 0, stdout: expect.stringContaining(kept) })
  expect(rotated.stderr).toContain(`'${gone}' is deleted and keeps its old key; undelete can bring it back`)
  expect(await run(...rotate, '--strict')).toMatchObject({ code: 12 })

  await run('undelete', gone)
  expect(await run('verify', gone, '--key-file', 'old.key')).toMatchObject({ code: 0 })
})

test('a rotation of all backups names what keeps the old key: one being made, and one that cannot be read', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const run = (...args: string[]) =>
    command(args, { cwd, env: { S3DB_CONNECTION: `file://${cwd}/database` } })
  for (const name of ['old.key', 'new.key']) await run('keygen', '--out', name)
  const [sound, spoilt] = [
    (await run('backup', '--quiet', '--key-file', 'old.key')).stdout.trim(),
    (await run('backup', '--quiet', '--key-file', 'old.key')).stdout.trim(),
  ]
  await writeFile(join(cwd, 'backups', spoilt, 's3db.json'), '{')
  // A process is making it: its note is there, and its key file.
  const running = 'full-2026-11-28T00-00-00-abc123'
  const note = JSON.parse(await readFile(join(cwd, 'backups', sound, 'started.json'), 'utf8'))
  await mkdir(join(cwd, 'backups', running))
  const begun = { ...note, id: running, startedAt: new Date().toISOString() }
  await writeFile(join(cwd, 'backups', running, 'started.json'), JSON.stringify(begun))

  const rotate = ['--key-file', 'old.key', '--new-key-file', 'new.key', '--remove-old']
  const rotated = await run('rotate-key', '--all', ...rotate)
  expect(rotated).toMatchObject({ code: 0, stdout: expect.stringContaining('1 backup of 1') })
  expect(rotated.stderr).toContain(`'${running}' is being made, and has only the key`)
  expect(rotated.stderr).toContain(`The manifest of '${spoilt}' cannot be read`)
  expect(rotated.stderr).not.toContain(sound)
  const alone = await run('rotate-key', sound, '--key-file', 'new.key', '--new-key-file', 'old.key')
  expect(alone).toMatchObject({ code: 0, stderr: '' })
})

test('a list says that the content of encrypted backups needs the key, and how to give it', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  await command(['keygen', '--out', 'my.key'], { cwd })
  const made = await command(
    ['backup', '--quiet', '--connection', `file://${cwd}/database`, '--key-file', 'my.key'],
    { cwd },
  )
  const listed = await command(['list'], { cwd })
  expect(listed.stdout).toMatch(/completed +\? +\? +/)
  expect(listed.stdout).toContain(`? is encrypted. With the key: 's3db-backup show ${made.stdout.trim()}'`)
  const [backup] = JSON.parse((await command(['list', '--json'], { cwd })).stdout).backups
  const unknown = { resources: null, records: null, size: null, internal: null, metadata: null }
  expect(backup).toMatchObject({
    ...unknown,
    encrypted: true,
    compressed: expect.any(Number),
    unread: expect.stringContaining('give the key'),
  })
  const shown = await command(['show', 'latest', '--json', '--key-file', 'my.key'], { cwd })
  expect(JSON.parse(shown.stdout)).toMatchObject({ records: 30, resources: ['people', 'nothing'] })
  expect(JSON.parse(shown.stdout)).not.toHaveProperty('unread')

  const closed = await command(['show', 'latest'], { cwd })
  expect(closed.stdout).toMatch(/p0002\S+ +\? +\? +\d/)
  expect(closed.stdout).not.toMatch(/ 0 /)
  const { manifest, ...told } = JSON.parse((await command(['show', 'latest', '--json'], { cwd })).stdout)
  expect(told).toMatchObject(unknown)
  for (const name of ['resources', 'internal', 'database', 'metadata'])
    expect(manifest).not.toHaveProperty(name)
  for (const part of manifest.parts) {
    expect(part).toMatchObject({ bytes: expect.any(Number), sha256: expect.any(String) })
    for (const name of ['records', 'holds', 'contentBytes']) expect(part).not.toHaveProperty(name)
  }
  const state = await command(['backup', '--status', 'latest', '--json'], { cwd })
  expect(JSON.parse(state.stdout)).toMatchObject(unknown)
})

test('an encrypted backup without resources, opened with its key, reports no records', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  await command(['keygen', '--out', 'my.key'], { cwd })
  const from = ['--connection', `file://${cwd}/database`, '--key-file', 'my.key']
  await command(['backup', '--exclude', '*', ...from], { cwd })
  const listed = await command(['list', '--json', '--key-file', 'my.key'], { cwd })
  const [backup] = JSON.parse(listed.stdout).backups
  expect(backup).toMatchObject({ resources: [], records: 0 })
  expect(backup).not.toHaveProperty('unread')
})
