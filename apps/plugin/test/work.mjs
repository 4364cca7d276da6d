// A process that works until it is killed: `work.mjs backup|restore <connection string> <path> [<backup id>]`. Prints
// `ready` once it is connected, and `done` after each piece of work.
import { BackupPlugin } from '@s3db-backup/plugin'
import { Database } from 's3db.js'

const [what, connectionString, path, id] = process.argv.slice(2)
const database = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false })
await database.connect()
const plugin = new BackupPlugin({ driver: 'filesystem', config: { path } })
await database.usePlugin(plugin)
console.log('ready')
do {
  if (what === 'backup') await plugin.backup('full')
  else await plugin.restore(id)
  console.log('done')
} while (what === 'backup')
await database.disconnect()
