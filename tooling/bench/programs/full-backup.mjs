// One full backup to a new folder, ours or that of s3db.js (limited as by default, or set to list everything).
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peakMiB } from '../../test/peak-memory.ts'
import { openDatabase } from '../database.mjs'
import { timed } from '../measure.mjs'
import { BackupPlugin, core, databaseSource, filesystem } from '../products.mjs'

const [who, count] = [process.argv[2], Number(process.argv[3])]
const { database, users } = await openDatabase(count)
const folder = await mkdtemp(join(tmpdir(), 's3db-bench-'))
const before = peakMiB()
let exported = 0
let ms = 0
try {
  if (who === 'ours') {
    ms = await timed(async () => {
      const driver = filesystem({ path: folder })
      exported = (await core.backup({ source: databaseSource(database), driver })).records
    })
  } else {
    const list = users.list.bind(users)
    users.list = async (options = {}) => {
      const found = await list(who === 'lifted' ? { ...options, limit: count } : options)
      exported = found.length
      return found
    }
    const plugin = new BackupPlugin({
      driver: 'filesystem',
      config: { path: folder },
      tempDir: join(folder, 'tmp'),
      logLevel: 'silent',
    })
    await database.usePlugin(plugin, 'backup')
    ms = await timed(() => plugin.backup('full'))
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
const expected = who === 'capped' ? Math.min(count, 1000) : count
if (exported !== expected) throw new Error(`${who}: ${exported} of ${expected} records`)
console.log(
  JSON.stringify({
    rate: (exported / ms) * 1000,
    peakMiB: peakMiB(),
    addedMiB: Math.max(1, peakMiB() - before),
  }),
)
process.exit(0)
