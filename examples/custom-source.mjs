// Backs up data that is not in s3db.js. Needs only @s3db-backup/core and a driver.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, openCatalog, records, restore, verify } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'

const folder = await mkdtemp(join(tmpdir(), 's3db-backup-example-'))
const driver = filesystem({ path: folder })

// The short way: `records` makes a source from anything that can be iterated, such as the pages of an API.
async function* planets() {
  yield { id: 'earth', moons: 1 }
  yield { id: 'mars', moons: 2 }
}
const small = await backup({ source: records({ planets: { records: planets() } }), driver })
console.log(`${small.records} planets`)

// The long way: a Source of your own reads in batches, knows the number of records and reacts to an abort.
/** @type {import('@s3db-backup/core').Source} */
const measurements = {
  async describe() {
    const info = { name: 'measurements', attributes: { value: 'number' }, partitions: {}, timestamps: false }
    return { database: { name: 'weather station' }, resources: [info] }
  },
  async *read(resource, { signal }) {
    const [batches, each] = [20, 500]
    for (let batch = 0; batch < batches; batch++) {
      signal.throwIfAborted()
      const rows = Array.from({ length: each }, (_, index) => {
        const number = batch * each + index
        // Every record has an id; ascending ids keep long chains of incremental backups cheap.
        return { id: `${resource}-${String(number).padStart(6, '0')}`, value: Math.sin(number) }
      })
      yield { rows, expected: batches * each }
    }
  },
}
const { id } = await backup({
  source: measurements,
  driver,
  onEvent: (event) => {
    if (event.type === 'backup-progress') console.log(`${event.records} of ${event.expected}`)
  },
})
const report = await verify({ driver, id })
console.log(`${id}: ${report.ok ? 'intact' : 'damaged'}, ${report.records} records`)

// A Target receives the restored records: into a file, another database, or here into a map.
const restored = new Map()
/** @type {import('@s3db-backup/core').Target} */
const target = {
  async open({ resources, mode }) {
    console.log(`restoring ${resources.map(({ name }) => name).join(', ')} (${mode})`)
  },
  async write(_resource, batches) {
    let count = 0
    for await (const { rows } of batches) {
      for (const row of rows) restored.set(row.id, row)
      count += rows.length
    }
    return { restored: count, replaced: 0, skipped: 0, removed: 0, failed: [] }
  },
}
await restore({ driver, id, target })
const { backups } = await openCatalog(driver).list()
console.log(`${restored.size} records are back; there are ${backups.length} backups`)

await rm(folder, { recursive: true })
