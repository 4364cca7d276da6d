import { join } from 'node:path'
import { openDatabase } from '../database.mjs'
import { inFolder } from '../file-database.mjs'
import { withProcessorTime } from '../measure.mjs'
import { core, Database, databaseSource, databaseTarget, filesystem, OwnBackupPlugin } from '../products.mjs'

async function openFiles(folder) {
  const connectionString = `file://${folder}`
  const database = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false })
  await database.connect()
  return database
}

/** How long the work takes on the clock, and how long this process uses the processor for it, in ms. */
async function used(work) {
  const [begun, before] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wall: performance.now() - begun, processor: (user + system) / 1000 }
}

/** A database in files, a backup of it, and a plugin that can try it out: all on the same disk. */
async function prepare(folder, records) {
  const driver = filesystem({ path: join(folder, 'backups') })
  const { database: made } = await openDatabase(records)
  const first = await core.backup({ source: databaseSource(made), driver, verify: false })
  const database = await openFiles(join(folder, 'shop'))
  await core.restore({ driver, id: first.id, target: databaseTarget(database) })
  const plugin = new OwnBackupPlugin({
    driver: 'filesystem',
    config: { path: join(folder, 'backups') },
    tempDir: folder,
  })
  await database.usePlugin(plugin)
  return { driver, id: first.id, database, plugin }
}

/** A drill, which restores to a folder and compares there, against a backup and a restore of the same to a folder. */
const compare = ({ records, times }) =>
  inFolder(async (folder) => {
    const { driver, id, database, plugin } = await prepare(folder, records)
    const ours = () =>
      used(async () => {
        const { ok, resources } = await plugin.drills.run(id)
        if (!ok || resources.users.compared !== records) throw new Error(JSON.stringify(resources))
      })
    let copies = 0
    const theirs = async () => {
      const target = await openFiles(join(folder, `copy-${copies++}`))
      return used(async () => {
        const made = await core.backup({ source: databaseSource(database), driver })
        const { resources } = await core.restore({ driver, id: made.id, target: databaseTarget(target) })
        if (resources.users.restored !== records) throw new Error(JSON.stringify(resources))
      })
    }
    return withProcessorTime(times, 'wall', ours, theirs)
  })

export const rows = [
  {
    what: 'drill of a backup of 100,000 records: restored into a database in files, every record compared there',
    against: 'a backup of the same records from a database in files, and its restore into another one',
    reach: 'at most 1.5',
    unit: 'ms',
    sizes: { full: { records: 100_000, times: 3 }, quick: { records: 300, times: 1 } },
    run: compare,
  },
]
