// A full backup in shards, to disk, of the given number of records, generated while they are read. Measures the
// elapsed and the processor time of planning and committing: node shard-coordinator.mjs <records> <shards>.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { core, filesystem } from '../products.mjs'
import { rangedSource } from '../ranged-source.mjs'

const [records, shards] = process.argv.slice(2).map(Number)
const source = rangedSource(records)

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
