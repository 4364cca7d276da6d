// Does one thing with the backups in a folder, and says how much memory it took at most: operation-memory.mjs
// <operation> <folder> [V8's flags as the command sets them, while the program runs].
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { peakMiB } from '../../test/peak-memory.ts'

const [operation, folder, ...flags] = process.argv.slice(2)
for (const flag of flags) setFlagsFromString(flag)
// As the command does: what is loaded makes the heap grow already.
const { core, Database, databaseTarget, filesystem, OwnBackupPlugin, openQuery } = await import(
  '../products.mjs'
)

const path = join(folder, 'backups')
const driver = filesystem({ path })
const ids = (await readdir(path)).sort()
const newest = ids.at(-1)
const pluginOf = (more) => new OwnBackupPlugin({ driver: 'filesystem', config: { path }, ...more })

async function open(connectionString) {
  const database = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false })
  await database.connect()
  return database
}

/** Each says what it came to, so that none passes for done that was not. */
const operations = {
  async restore() {
    const target = databaseTarget(await open(`file://${join(folder, `restored-${process.pid}`)}`))
    const { resources } = await core.restore({ driver, id: newest, target })
    return resources.users.restored
  },
  async drill() {
    const plugin = pluginOf({ tempDir: folder })
    await (await open('memory://nowhere/nothing')).usePlugin(plugin)
    const { ok, resources } = await plugin.drills.run(newest)
    return ok ? resources.users.compared : 0
  },
  async list() {
    const { backups } = await pluginOf().overview()
    return backups.length
  },
  async diff() {
    const [from, to] = ids
    let differences = 0
    for await (const _ of core.diff({ driver, from, to })) differences += 1
    return differences
  },
  async query() {
    const session = await openQuery({ driver, id: newest, tempDir: folder })
    const { batches } = await session.query('SELECT city, count(*)::DOUBLE AS users FROM users GROUP BY city')
    let records = 0
    for await (const rows of batches) for (const [, users] of rows) records += users
    others = peakOfChildren()
    await session.close()
    return records
  },
  async commit() {
    // Nothing is read of the records any more.
    const { rangedSource } = await import('../ranged-source.mjs')
    return (await core.commitBackup({ source: rangedSource(0), driver, id: newest })).records
  },
}

/** DuckDB has a process of its own. */
let others = 0

function peakOfChildren() {
  if (process.platform !== 'linux') return 0
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
  const peaks = children.map((pid) =>
    /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')),
  )
  return peaks.reduce((sum, found) => sum + Number(found?.[1] ?? 0), 0) / 1024
}

try {
  const result = await operations[operation]()
  console.log(JSON.stringify({ result, peakMiB: peakMiB() + others }))
  process.exit(0)
} catch (error) {
  // s3db.js takes errors that nobody catches for itself.
  console.error(error)
  process.exit(1)
}
