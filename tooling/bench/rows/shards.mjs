import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { inChild } from '../child.mjs'
import { median } from '../measure.mjs'
import { core, databaseSource, filesystem } from '../products.mjs'
import { connectionTo, makeUsers, onS3, openS3Database, putUsers } from '../s3.mjs'
import { shardWorkers } from '../shard-workers.mjs'

/** How long every request to the database takes, in ms, and how many a worker has under way. */
const delay = 100
const inFlight = 4

/** More than workers, so that none is left with the largest, and few enough that each is worth its listing. */
const shardsPerWorker = 2

/** A database whose every answer takes its time, on the small server: only that can be told to wait. */
const farAway = (records, work) => {
  let wait = 0
  return onS3(
    async (place) => {
      const database = await openS3Database(place, 'shop')
      const users = await makeUsers(database)
      await putUsers(database, users, records)
      wait = delay
      const measured = await work({ place, database })
      wait = 0
      return measured
    },
    {},
    { delay: () => wait },
  )
}

/** A whole backup, planned and committed by this process and read by so many others. */
async function backUp({ place, database }, { records, workers: count }) {
  const path = await mkdtemp(join(tmpdir(), 'bench-shards-'))
  const workers = await shardWorkers(count, [connectionTo(place, 'shop'), path, inFlight])
  try {
    const given = { source: databaseSource(database), driver: filesystem({ path }) }
    const used = process.cpuUsage()
    const begun = performance.now()
    const { id, shards } = await core.planBackup({ ...given, shards: count * shardsPerWorker })
    const planned = performance.now()
    const answers = await workers.run(id, shards)
    const ran = performance.now()
    const made = await core.commitBackup({ ...given, id })
    const took = performance.now() - begun
    if (made.records !== records) throw new Error(`${made.records} of ${records} records`)
    // This process is also the server.
    const { user, system } = process.cpuUsage(used)
    const processor = answers.reduce((sum, answer) => sum + answer.processor, (user + system) / 1000)
    return {
      rate: (records / took) * 1000,
      busy: processor / took / availableParallelism(),
      coordinating: (took - (ran - planned)) / took,
    }
  } finally {
    await workers.close()
    await rm(path, { recursive: true, force: true })
  }
}

/** What one worker does is measured once for all rows: it takes the longest. */
const byOne = new Map()

async function scale({ each: records, workers }) {
  const measure = (count) =>
    farAway(records * count, (there) => backUp(there, { records: records * count, workers: count }))
  if (!byOne.has(records)) byOne.set(records, await measure(1))
  const theirs = byOne.get(records).rate * workers
  const { rate, busy, coordinating } = await measure(workers)
  const percent = (share) => `${Math.round(share * 100)} %`
  const note = `${percent(busy)} of the processor, ${percent(coordinating)} of the time for plan and commit`
  return { ours: rate, theirs, ratio: rate / theirs, times: 1, note }
}

/** In one process, so that what the coordinator does is a share of all that is done. */
function share({ records, shards, times }) {
  const runs = Array.from({ length: times }, () => inChild('shard-coordinator.mjs', [records, shards]))
  const ofClock = median(runs.map(({ coordinating, all }) => coordinating.ms / all.ms))
  return {
    ours: median(runs.map(({ coordinating }) => coordinating.processor)),
    theirs: median(runs.map(({ all }) => all.processor)),
    ratio: median(runs.map(({ coordinating, all }) => coordinating.processor / all.processor)),
    times,
    note: `of the time on the clock ${(ofClock * 100).toFixed(1)} %`,
  }
}

const scaling = [2, 4, 8].map((workers) => ({
  what: `full backup by ${workers} workers, 2,000 records for each, planned and committed; database on S3, ${delay} ms a request, ${inFlight} at once in each worker`,
  against: `${workers} times the rate of one worker`,
  reach: 'at least 0.9, with less than 70 % of the processor',
  unit: 'records/s',
  sizes: { full: { each: 2000, workers }, quick: { each: 20, workers } },
  run: scale,
}))

export const rows = [
  ...scaling,
  {
    what: 'plan and commit of a full backup of 1,000,000 made-up records in 64 shards, to disk: processor time',
    against: 'all of that backup: plan, shards and commit, one after the other in one process',
    reach: 'at most 0.05',
    unit: 'ms',
    sizes: {
      full: { records: 1_000_000, shards: 64, times: 3 },
      quick: { records: 10_000, shards: 4, times: 1 },
    },
    run: share,
  },
]
