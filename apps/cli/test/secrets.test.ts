import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { start } from './program.js'
import { type Outcome, temporaryFolder } from './surroundings.js'

const passphrase = 'orbit lantern quiet seventeen plum'
const raw = randomBytes(32)
const weak = 'weakling9'
const salt = 'a pepper for this test alone'

/** Every spelling in which a secret may turn up. */
const secrets = [
  passphrase,
  encodeURIComponent(passphrase),
  weak,
  salt,
  ...(['base64', 'base64url', 'hex', 'latin1'] as const).map((encoding) => raw.toString(encoding)),
  raw.toString('base64').slice(4, 36),
]

/** Everything below a folder but the files that the user made. */
function everythingBelow(folder: string, own: ReadonlySet<string>): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name }) => !own.has(name))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return `${path}\n${entry.isFile() ? readFileSync(path).toString('latin1') : ''}`
    })
    .join('\n')
}

async function scene() {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const own = { 'raw.key': `base64:${raw.toString('base64')}`, 'weak.key': weak, 'pass.key': passphrase }
  for (const [name, content] of Object.entries(own)) await writeFile(join(cwd, name), content)
  const salted = {
    connection: `file://${cwd}/database`,
    encryption: {
      algorithm: 'AES-256-GCM',
      key: passphrase,
      keyDerivation: { algorithm: 'PBKDF2', iterations: 100_000, salt: 'backup-salt-2024' },
    },
  }
  const peppered = { ...salted.encryption, keyDerivation: { ...salted.encryption.keyDerivation, salt } }
  await writeFile(join(cwd, 'salted.json'), JSON.stringify(salted))
  await writeFile(join(cwd, 'peppered.json'), JSON.stringify({ ...salted, encryption: peppered }))
  const outcomes: Outcome[] = []
  const run = async (args: string, env: Record<string, string> = {}) => {
    const surroundings = { cwd, env: { S3DB_CONNECTION: `file://${cwd}/database`, TMPDIR: cwd, ...env } }
    const outcome = await command(args.split(' '), surroundings)
    outcomes.push(outcome)
    return outcome
  }
  const shown = () => {
    const files = new Set([...Object.keys(own), 'salted.json', 'peppered.json'])
    return [...outcomes.flatMap(({ stdout, stderr }) => [stdout, stderr]), everythingBelow(cwd, files)]
  }
  return { cwd, run, shown }
}

function expectNoSecret(texts: readonly string[]): void {
  for (const secret of secrets) expect(texts.filter((text) => text.includes(secret))).toEqual([])
}

test('the search for secrets finds planted ones', async () => {
  const { cwd, shown } = await scene()
  expectNoSecret(shown())
  await writeFile(join(cwd, 'leak.log'), `x${raw.toString('hex')}`)
  expect(() => expectNoSecret(shown())).toThrow()
})

test('no key is printed or written, whatever its source and use', async () => {
  const { run, shown } = await scene()
  const key = { S3DB_BACKUP_KEY: `hex:${raw.toString('hex')}` }
  const { id } = JSON.parse((await run('backup --json', key)).stdout)
  const codes = await Promise.all([
    run(`verify ${id} --key-file raw.key --json`),
    run(`verify ${id} --key-command cat<raw.key`),
    run(`verify ${id} --level restore --keep-report --report drill.json`, key),
    run(`show ${id} --key-file raw.key --json`),
    run(`list --key-file raw.key`),
    run(`salvage ${id} --to ./salvaged`, key),
    run('backup --key-file pass.key --progress json'),
    run('backup --config peppered.json'),
  ])
  expect(codes.map(({ code }) => code)).toEqual(codes.map(() => 0))
  expectNoSecret(shown())
})

test('no failure prints or writes a key', async () => {
  const { cwd, run, shown } = await scene()
  const key = { S3DB_BACKUP_KEY: `hex:${raw.toString('hex')}` }
  const { id } = JSON.parse((await run('backup --json', key)).stdout)
  const failures = await Promise.all([
    run(`verify ${id} --key-file pass.key --json`),
    run(`restore ${id} --target file://${cwd}/other --key-file pass.key`),
    run(`verify ${id}`),
    run('backup --key-file weak.key --json'),
    run('backup', { S3DB_BACKUP_KEY: weak }),
    run('backup --config salted.json --json'),
    run('backup', { S3DB_BACKUP_KEY: `base64:${raw.toString('base64')}AAAA` }),
    run('backup --key-command false'),
    run('backup', { S3DB_BACKUP_KEY: raw.toString('hex').slice(1), S3DB_CONNECTION: 's3://nowhere' }),
  ])
  for (const { code } of failures) expect(code).toBeGreaterThan(0)

  const keys = join(cwd, 'backups', id, 'keys.json')
  const file = JSON.parse(await readFile(keys, 'utf8'))
  await writeFile(keys, JSON.stringify({ ...file, recipients: [] }))
  expect((await run(`verify ${id} --json`, key)).code).toBe(7)
  await writeFile(keys, 'not JSON')
  expect((await run(`restore ${id} --target file://${cwd}/other`, key)).code).toBe(7)
  expectNoSecret(shown())
})

test.runIf(existsSync('/proc/self/cmdline'))('a running command shows no key to others', async () => {
  const { cwd } = await scene()
  const env = { S3DB_CONNECTION: `file://${cwd}/database` }
  const { child, outcome } = start(['backup', '--key-file', 'pass.key'], { cwd, env })
  const seen: string[] = []
  const watch = setInterval(() => {
    for (const file of ['cmdline', 'comm']) {
      const path = `/proc/${child.pid}/${file}`
      if (existsSync(path)) seen.push(readFileSync(path, 'utf8'))
    }
  }, 20)
  expect((await outcome).code).toBe(0)
  clearInterval(watch)
  expect(seen.join('').length).toBeGreaterThan(0)
  expectNoSecret(seen)
  expect(readdirSync(cwd).filter((name) => /^core|\.heapsnapshot$|^report\./.test(name))).toEqual([])
})
