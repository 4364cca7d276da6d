// A third-party driver, made by `npm create @s3db-backup/driver`: built, tested, packed, installed beside our packages, and used.
// needs: s3db.js@^21.6.2
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

const name = 's3db-backup-driver-acme'
const project = import.meta.dirname
const windows = process.platform === 'win32'
// npm starts the first Node that it finds; it must be this one.
const env = { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) }
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const run = (command, args, cwd = project) =>
  execFileSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    shell: windows,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
const install = (cwd, ...args) =>
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', ...args], cwd)

// Once loaded, s3db.js catches uncaught errors and does not print them.
process.prependListener('uncaughtException', (error) => {
  console.error(error)
  process.exit(1)
})

// 1. An author creates it in a folder of its own, and the template passes the contract unchanged.
const author = mkdtempSync(join(project, '..', 's3db-backup-author-'))
const create = join(project, 'node_modules/@s3db-backup/create-driver/src/bin.mjs')
let tarball
try {
  run(process.execPath, [create, 'acme', '--into', author])
  const asPublished = readFileSync(join(author, 'package.json'), 'utf8')
  writeFileSync(join(author, 'package.json'), withTarballs(asPublished))
  install(author)
  const tested = run('npm', ['test'], author)
  assert.match(tested, /^# pass [4-9]\d$|^ℹ pass [4-9]\d$/m, tested)
  assert.match(tested, /^(# |ℹ )fail 0$/m, tested)
  // From here on as published: with the versions that it requires, not with the tarballs of this test.
  writeFileSync(join(author, 'package.json'), asPublished)
  run('npm', ['run', 'lint'], author)
  const said = run('npm', ['pack', '--json', '--pack-destination', project], author)
  // The build prints first.
  tarball = join(project, JSON.parse(said.slice(said.indexOf('[')))[0].filename)
} finally {
  rmSync(author, { recursive: true, force: true })
}

// 2. A user installs it from its tarball.
install(project, tarball)
const packed = readdirSync(join(project, 'node_modules', name)).sort()
assert.deepEqual(packed, ['LICENSE', 'README.md', 'dist', 'package.json'])

// 3. It passes the suite there, against its real storage.
const cli = join(project, 'node_modules/@s3db-backup/cli/dist/bin.js')
const command = (...args) => run(process.execPath, [cli, ...args])
const report = JSON.parse(command('check-driver', name, '--path', 'checked.sqlite', '--json'))
assert.ok(report.passed > 40, `only ${report.passed} cases`)
// It has no clock of its own, so the two clock cases do not apply.
assert.deepEqual([report.failed, report.skipped, report.leftovers], [0, 2, []])

// 4. The plugin backs up a database through it and restores it.
const { Database } = await import('s3db.js')
const { BackupPlugin } = await import('@s3db-backup/plugin')
const connect = async (connectionString) => {
  const database = new Database({ connectionString, logLevel: 'silent' })
  await database.connect()
  return database
}
const people = [
  { id: 'ada', name: 'Ada Lovelace', password: 'analytical' },
  { id: 'grace', name: 'Grace Hopper', password: 'compiler' },
]
const fill = async (database) => {
  const attributes = { name: 'string|required', password: 'secret' }
  const users = await database.createResource({ name: 'users', attributes })
  for (const person of people) await users.insert(person)
}
const check = async (database) => {
  const found = await Promise.all(people.map(({ id }) => database.resources.users.get(id)))
  assert.deepEqual(
    found.map(({ id, name, password }) => ({ id, name, password })),
    people,
  )
}

const shop = await connect('memory://shop/db')
await fill(shop)
const backups = new BackupPlugin({ driver: name, config: { path: './plugin.sqlite' } })
await shop.usePlugin(backups)
const { id } = await backups.backup('full')
await shop.resources.users.delete('ada')
await shop.resources.users.delete('grace')
await backups.restore(id, { overwrite: true })
await check(shop)
assert.equal((await backups.verify(id)).ok, true)
await shop.disconnect()

// 5. So does the command.
const before = await connect('file://./before')
await fill(before)
await before.disconnect()
const place = ['--driver', 'acme', '--path', './cli.sqlite']
const made = JSON.parse(command('backup', '--connection', 'file://./before', ...place, '--json'))
assert.equal(made.records, people.length)
rmSync('before', { recursive: true })
command('restore', made.id, '--connection', 'file://./after', ...place)
const after = await connect('file://./after')
await check(after)
await after.disconnect()

// 6. A configuration file can name it, too.
writeFileSync('s3db-backup.config.json', JSON.stringify({ driver: name, path: './cli.sqlite' }))
assert.equal(JSON.parse(command('list', '--json')).backups[0].id, made.id)

console.log(
  `${name} passed ${report.passed} cases, and its backups came back through the plugin and the command`,
)
process.exit()

/** Nothing of ours is in a registry yet: our packages come from the tarballs that this project has. */
function withTarballs(text) {
  const wanted = JSON.parse(text)
  for (const group of [wanted.dependencies, wanted.devDependencies])
    for (const key of Object.keys(group)) group[key] = manifest.dependencies[key] ?? group[key]
  return JSON.stringify(wanted, null, 2)
}
