import { generateKeyPairSync } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { verifyDrillReport } from '@s3db-backup/plugin'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase, people, readPeople } from './databases.js'
import { temporaryFolder } from './surroundings.js'

/** A folder with a database and one backup of it, and the command run there. */
async function oneBackup() {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const env = { S3DB_CONNECTION: `file://${cwd}/database`, TMPDIR: cwd }
  const run = (...args: string[]) => command(args, { cwd, env })
  const { id }: { id: string } = JSON.parse((await run('backup', '--json')).stdout)
  const file = join(cwd, 'backups', id, 'people.jsonl.gz')
  const spoil = async () => {
    const bytes = await readFile(file)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    await writeFile(file, bytes)
  }
  return { cwd, run, id, spoil }
}

test('a drill writes its report as JSON and as text, signed off, and keeps it at the destination', async () => {
  const { cwd, run, id, spoil } = await oneBackup()
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  await writeFile(join(cwd, 'signing.pem'), privateKey)
  const drill = ['verify', id, '--level', 'restore', '--keep-report', '--report', 'drill.json']
  const made = await run(
    ...drill,
    ...['--report-text', 'drill.txt', '--signed-off-by', 'Ada', '--signing-key-file', 'signing.pem'],
  )
  expect(made).toMatchObject({ code: 0, stderr: '' })
  expect(made.stdout).toMatch(/^people +30 +30 +0$/m)
  const report = JSON.parse(await readFile(join(cwd, 'drill.json'), 'utf8'))
  expect(report).toMatchObject({ ok: true, signOff: { by: 'Ada' }, scratch: 'disk' })
  expect(verifyDrillReport(report, { publicKey })).toMatchObject({ ok: true, signature: 'valid' })
  expect(await readFile(join(cwd, 'drill.txt'), 'utf8')).toContain(report.signOff.sha256)
  expect((await run('list')).stdout).toContain('Last drill: passed')
  expect((await readdir(cwd)).filter((name) => /drill-|tmp/.test(name))).toEqual([])

  await spoil()
  expect(await run(...drill)).toMatchObject({ code: 7, stderr: expect.stringContaining('FAILED') })
  expect(JSON.parse(await readFile(join(cwd, 'drill.json'), 'utf8'))).toMatchObject({ ok: false })
})

test('the newest backups are checked one after the other, and a different part of a backup each day', async () => {
  const { run, id, spoil } = await oneBackup()
  await run('backup')
  expect(await run('verify', '--last', '5')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 of 2 backups passed'),
  })
  const last = await run('verify', '--last', '5', '--level', 'restore', '--json')
  expect(JSON.parse(last.stdout)).toMatchObject({ level: 'restore', passed: 2 })
  await spoil()
  expect(await run('verify', '--last', '2', '--level', 'stored')).toMatchObject({
    code: 7,
    stderr: expect.stringContaining(`${id} is damaged`),
  })
  const days = [1, 2, 3, 4, 5, 6, 7].map((day) => run('verify', id, '--subset', `${day}/7`))
  const codes = (await Promise.all(days)).map(({ code }) => code)
  expect(codes.filter((code) => code === 7)).toHaveLength(1)
  expect(codes.filter((code) => code === 0)).toHaveLength(6)
})

test('without a backup nothing is verified, and that is not a success', async () => {
  const { run } = await oneBackup()
  expect(await run('verify', '--last', '5', '--path', 'nowhere')).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringMatching(/There are no backups in .*nowhere: the directory does not exist/),
  })
})

test('options that would be ignored are refused', async () => {
  const { run, id } = await oneBackup()
  const wrong = [
    ['verify'],
    ['verify', id, '--last', '2'],
    ['verify', id, '--report', 'x.json'],
    ['verify', id, '--quick', '--subset', '1/7'],
    ['verify', id, '--subset', '8/7'],
    ['verify', id, '--quick', '--level', 'full'],
    ['verify', '--last', '0'],
    ['verify', id, '--level', 'restore', '--signing-key-file', 'nowhere.pem'],
  ]
  for (const args of wrong) expect([args, (await run(...args)).code]).toEqual([args, 2])
})

test('salvage reports losses, and writes intact records to files or into a database', async () => {
  const { cwd, run, id, spoil } = await oneBackup()
  expect(await run('salvage', id)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/people: 30 records intact[\s\S]*Nothing of .* is lost/),
    stderr: expect.stringContaining('Nothing was written'),
  })
  expect(await run('salvage', id, '--to', './out')).toMatchObject({ code: 0 })
  // The content may have been encrypted in the backup.
  expect((await stat(join(cwd, 'out'))).mode & 0o077).toBe(0)
  expect((await stat(join(cwd, 'out/people.jsonl.gz'))).mode & 0o077).toBe(0)
  const lines = gunzipSync(await readFile(join(cwd, 'out/people.jsonl.gz')))
  expect(lines.toString().trim().split('\n')).toHaveLength(people.length)
  expect(await run('salvage', id, '--to', './out')).toMatchObject({ code: 11 })
  expect(await run('salvage', id, '--to', `file://${cwd}/salvaged`)).toMatchObject({ code: 0 })
  expect(await readPeople(join(cwd, 'salvaged'))).toEqual(people)

  await spoil()
  const damaged = await run('salvage', id, '--to', './rest')
  expect(damaged).toMatchObject({
    code: 12,
    stderr: expect.stringMatching(
      /people: at most \d+ records lost \(lines \d+–30, .*bytes 0–[\d,]+ of people\.jsonl\.gz\)/,
    ),
  })
  const lost = Number(/at most (\d+) records/.exec(damaged.stderr)?.[1])
  const asJson = await run('salvage', id, '--json', '--to', `file://${cwd}/rest-database`)
  expect(asJson.code).toBe(12)
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    resources: { people: 30 - lost },
    lost: [{ resource: 'people' }],
  })
  expect(await run('salvage', 'full-none', '--to', './never')).toMatchObject({ code: 3 })
  expect(await readdir(cwd)).not.toContain('never')
})

test('salvage into a database reports what it accepted and what it refused, which is lost, too', async () => {
  const { cwd, run, id } = await oneBackup()
  const to = ['--to', `file://${cwd}/salvaged`]
  await run('salvage', id, ...to)
  expect(await run('salvage', id, ...to)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/people: 0 records salvaged, 30 kept as they were[\s\S]*is lost/),
  })

  const record = join(cwd, 'salvaged/resource=people/data/id=person-7')
  await rm(record)
  await rm(`${record}.meta.json`)
  await mkdir(join(record, 'in-the-way'), { recursive: true })
  const refused = await run('salvage', id, ...to)
  expect(refused).toMatchObject({
    code: 12,
    stdout: expect.not.stringContaining('is lost'),
    stderr: expect.stringMatching(/people: 1 record was not written: person-7 \(.+\)/),
  })
  const { code, stdout } = await run('salvage', id, ...to, '--json')
  expect(code).toBe(12)
  expect(JSON.parse(stdout)).toMatchObject({
    resources: { people: 0 },
    skipped: { people: 29 },
    failed: { people: [{ id: 'person-7', reason: expect.any(String) }] },
    lost: [],
  })
})

test('a copy of a backup in another folder is reported, hides nothing, and prevents deletion', async () => {
  const { cwd, run, id } = await oneBackup()
  await cp(join(cwd, 'backups', id), join(cwd, 'backups/archive', id), { recursive: true })
  await rm(join(cwd, 'backups/archive', id, 'people.jsonl.gz'))
  const says = `'${id}' is also at archive/${id}, with files missing`
  const verified = await run('verify', id)
  expect(verified).toMatchObject({ code: 0, stderr: expect.stringContaining(says) })
  expect(verified.stdout).toContain('is intact')
  expect(JSON.parse((await run('verify', id, '--json')).stdout)).toMatchObject({
    copies: [{ id, directory: `archive/${id}`, complete: false }],
  })
  expect((await run('list')).stderr).toMatch(/is also at .*archive/)
  expect(JSON.parse((await run('list', '--json')).stdout).backups).toMatchObject([
    { id, copies: [{ path: expect.stringContaining('archive'), complete: false }] },
  ])
  expect((await run('backup', '--status', id)).stdout).toMatch(/Also at: +.*archive.*files are missing there/)

  const deleted = await run('delete', id, '--yes')
  expect(deleted).toMatchObject({ code: 11, stderr: expect.stringContaining('several places') })
  expect((await run('restore', id, '--dry-run')).code).toBe(0)
  await rm(join(cwd, 'backups/archive'), { recursive: true })
  expect((await run('delete', id, '--yes')).code).toBe(0)
})
