// A drill of a backup with many records: `node --expose-gc large-drill.mjs <folder> <records> <bytes each>
// [scratch]`. Prints the report and the peak heap use in MiB.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { backup } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { BackupPlugin } from '@s3db-backup/plugin'
import { databaseSource } from '@s3db-backup/s3db'
import { Database } from 's3db.js'

const [folder, count, bytes] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const path = join(folder, 'backups')
const database = new Database({
  connectionString: 'memory://own/own',
  logLevel: 'silent',
  exitOnSignal: false,
})
await database.connect()
await database.createResource({
  name: 'notes',
  attributes: { text: 'string' },
  behavior: 'body-overflow',
  timestamps: false,
})

/** The empty resource, as if it had all those records. */
const source = databaseSource(database)
async function* read(resource) {
  for (let from = 0; resource === 'notes' && from < count; from += 20) {
    const numbers = Array.from({ length: Math.min(20, count - from) }, (_, i) => from + i)
    yield { rows: numbers.map((n) => ({ id: `n${String(n).padStart(9, '0')}`, text: textOf(n) })) }
  }
}
const textOf = (n) =>
  createHash('shake256', { outputLength: (bytes * 3) / 4 })
    .update(String(n))
    .digest('base64')

const { id } = await backup({
  driver: filesystem({ path }),
  source: { describe: (call) => source.describe(call), read },
})
const plugin = new BackupPlugin({ config: { path }, tempDir: folder, database })
let heap = 0
const look = () => {
  globalThis.gc()
  heap = Math.max(heap, process.memoryUsage().heapUsed)
}
look()
const watch = setInterval(look, 100)
const report = await plugin.drills.run(id, { scratch: process.argv[5] ?? 'disk' })
clearInterval(watch)
console.log(JSON.stringify({ ...report, heapMiB: heap / 2 ** 20 }))
process.exit(0)
