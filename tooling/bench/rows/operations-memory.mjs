import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flags } from '../../../apps/cli/src/small-heap.ts'
import { inChild } from '../child.mjs'
import { openDatabase } from '../database.mjs'
import { inFolder } from '../file-database.mjs'
import { inTurn } from '../measure.mjs'
import { core, databaseSource, filesystem } from '../products.mjs'
import { rangedSource } from '../ranged-source.mjs'
import { shortRowsOf } from '../records.mjs'
import { fillWithSmallBackups } from '../small-backups.mjs'

const attributes = { name: 'string', email: 'string', city: 'string', age: 'number' }
const source = (records) => core.records({ users: { attributes, records } })
const backup = (driver, records) => core.backup({ source: source(records), driver, verify: false })

/** Of each hundred records one has another age. */
function* changed(rows) {
  let at = 0
  for (const row of rows) yield at++ % 100 === 0 ? { ...row, age: row.age + 1 } : row
}

/** What has to be there before: so much of it, in a folder. The number is what the operation comes to then. */
const prepared = {
  async ofDatabase(driver, size) {
    const { database } = await openDatabase(size)
    await core.backup({ source: databaseSource(database), driver, verify: false })
    return size
  },
  async oneBackup(driver, size) {
    await backup(driver, shortRowsOf(size))
    return size
  },
  async twoBackups(driver, size) {
    await backup(driver, shortRowsOf(size))
    await backup(driver, changed(shortRowsOf(size)))
    return Math.ceil(size / 100)
  },
  async manyBackups(driver, size) {
    await fillWithSmallBackups(driver, size)
    return size
  },
  async shards(driver, size) {
    const from = { source: rangedSource(size), driver }
    const { id, shards } = await core.planBackup({ ...from, shards: 16 })
    for (let index = 0; index < shards; index++) await core.runShard({ ...from, id, index })
    return size
  },
}

/** Every time with a copy of what was prepared, in a process of its own. */
async function peakOf(operation, { folder, result }) {
  const copy = await mkdtemp(join(tmpdir(), 'bench-memory-'))
  try {
    await cp(folder, copy, { recursive: true, preserveTimestamps: true })
    const found = inChild('operation-memory.mjs', [operation, copy, ...flags])
    if (found.result !== result) throw new Error(`${operation}: ${found.result}, not ${result}`)
    return found.peakMiB
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

const compare =
  (operation, prepare) =>
  ({ few, times }) =>
    inFolder((one) =>
      inFolder(async (ten) => {
        const make = async (folder, size) => ({
          folder,
          result: await prepared[prepare](filesystem({ path: join(folder, 'backups') }), size),
        })
        const [small, large] = [await make(one, few), await make(ten, few * 10)]
        const measured = await inTurn(
          times,
          () => peakOf(operation, large),
          () => peakOf(operation, small),
        )
        return { ...measured, note: `${Math.round(measured.ours - measured.theirs)} MiB more` }
      }),
    )

const row = (operation, prepare, { what, few, against }) => ({
  what: `peak memory (RSS) of ${what}, in a process that keeps its heap small as the command does`,
  against: `the same of ${against}`,
  reach: 'at most 16 MiB more',
  unit: 'MiB',
  sizes: { full: { few, times: 3 }, quick: { few: Math.max(3, few / 1000), times: 1 } },
  run: compare(operation, prepare),
})

export const rows = [
  row('restore', 'ofDatabase', {
    what: 'a restore of 100,000 records into files',
    few: 10_000,
    against: '10,000',
  }),
  row('drill', 'ofDatabase', {
    what: 'a drill of 100,000 records, with files for its database',
    few: 10_000,
    against: '10,000',
  }),
  row('list', 'manyBackups', { what: '`list` of 1,000 small backups', few: 100, against: '100' }),
  row('diff', 'twoBackups', {
    what: '`diff` of two backups of 1,000,000 short records',
    few: 100_000,
    against: '100,000',
  }),
  row('query', 'oneBackup', {
    what: '`query` of 1,000,000 short records, GROUP BY, the process of DuckDB with it',
    few: 100_000,
    against: '100,000',
  }),
  row('commit', 'shards', {
    what: 'the commit of 1,000,000 made-up records in 16 shards',
    few: 100_000,
    against: '100,000',
  }),
]
