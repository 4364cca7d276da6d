// A full backup in shards, to disk, of the given number of records, generated while they are read. Measures the
// elapsed and the processor time of planning and committing: node shard-coordinator.mjs <records> <shards>.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { idOf, recordOf } from '../database.mjs'
import { core, filesystem } from '../products.mjs'

const [records, shards] = process.argv.slice(2).map(Number)
const different = Array.from({ length: 1000 }, (_, i) => recordOf(i))
const rowOf = (i) => ({ id: idOf(i), ...different[i % different.length] })
const numberOf = (id) => Number(id.slice(1))

/** In pages of a listing. */
async function* ids() {
  for (let from = 0; from < records; from += 1000)
    yield Array.from({ length: Math.min(1000, records - from) }, (_, i) => idOf(from + i))
}

const source = {
  describe: async () => ({
    database: { bucket: 'shards' },
    resources: [{ name: 'users', attributes: { name: 'string' }, partitions: {}, timestamps: false }],
  }),
  ranges: { ids },
  async *read(_, { range: { after, upTo } = {} }) {
    const end = upTo === undefined ? records : numberOf(upTo) + 1
    for (let from = after === undefined ? 0 : numberOf(after) + 1; from < end; from += 250)
      yield { rows: Array.from({ length: Math.min(250, end - from) }, (_, i) => rowOf(from + i)) }
  },
}

/** What a step takes, in ms: on the clock, and of the processor. */
async function costOf(work) {
  const [begun, used] = [performance.now(), process.cpuUsage()]
  const result = await work()
  const { user, system } = process.cpuUsage(used)
  return { result, ms: performance.now() - begun, processor: (user + system) / 1000 }
}

const path = await mkdtemp(join(tmpdir(), 's3db-bench-'))
try {
  const driver = filesystem({ path })
  const planning = await costOf(() => core.planBackup({ source, driver, shards }))
  const { id } = planning.result
  const running = await costOf(async () => {
    for (let index = 0; index < shards; index++) await core.runShard({ source, driver, id, index })
  })
  const committing = await costOf(() => core.commitBackup({ source, driver, id }))
  if (committing.result.records !== records)
    throw new Error(`${committing.result.records} of ${records} records`)
  const sum = (steps, what) => steps.reduce((total, step) => total + step[what], 0)
  const coordinating = [planning, committing]
  const all = [planning, running, committing]
  console.log(
    JSON.stringify({
      coordinating: { ms: sum(coordinating, 'ms'), processor: sum(coordinating, 'processor') },
      all: { ms: sum(all, 'ms'), processor: sum(all, 'processor') },
    }),
  )
} finally {
  await rm(path, { recursive: true, force: true })
}
process.exit(0)
