// One of several processes that use one destination: `process.mjs <JSON>`. Prints one line of JSON for each event: `{
// "ready": true }`, `{ "started": <id> }`, and last `{ "result": ... }` or `{ "error": ... }`.
import { existsSync } from 'node:fs'
import { backup } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { s3 } from '@s3db-backup/driver-s3'
import { BackupPlugin } from '@s3db-backup/plugin'
import { databaseSource } from '@s3db-backup/s3db'
import { Database } from 's3db.js'

const { action, connectionString, fill, driver, config, go, hold, id, options } = JSON.parse(process.argv[2])
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

const parent = process.ppid

/** Stands still until the file is there, or the test is gone. */
function waitFor(file) {
  const nothing = new Int32Array(new SharedArrayBuffer(4))
  while (!existsSync(file)) {
    if (process.ppid !== parent) process.exit(1)
    Atomics.wait(nothing, 0, 0, 5)
  }
}

async function openDatabase() {
  const database = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false })
  await database.connect()
  if (fill !== undefined) {
    const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
    for (let n = 0; n < fill.count; n++) await users.insert({ id: `u${n}`, name: `${fill.name} ${n}` })
  }
  return database
}

const actions = {
  /** With `hold`, the process stands still once the backup is under way, until that file is there. */
  async backup() {
    const database = await openDatabase()
    const plugin = new BackupPlugin({ driver, config })
    await database.usePlugin(plugin)
    plugin.on('plg:backup:start', ({ id: started }) => {
      say({ started })
      if (hold !== undefined) waitFor(hold)
    })
    plugin.on('plg:backup:error', ({ id: failed }) => say({ failed }))
    say({ ready: true })
    if (go !== undefined) waitFor(go)
    return plugin.backup('full', options)
  },
  /** A backup under a given id, which only the core takes. */
  async named() {
    const database = await openDatabase()
    const source = databaseSource(database)
    const destination = driver === 's3' ? s3(config) : filesystem(config)
    say({ ready: true })
    if (go !== undefined) waitFor(go)
    return { id: (await backup({ source, driver: destination, id })).id }
  },
  async status() {
    return new BackupPlugin({ driver, config, ...options }).getBackupStatus(id)
  },
}

try {
  say({ result: await actions[action]() })
} catch (error) {
  say({ error: { name: error.name, code: error.code, message: error.message } })
}
process.exit()
