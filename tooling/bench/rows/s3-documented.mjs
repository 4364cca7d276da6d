import { idOf, openDatabase, recordOf } from '../database.mjs'
import { inTurn, rateAndProcessor, withProcessorTime } from '../measure.mjs'
import { core, Database, databaseSource, databaseTarget } from '../products.mjs'
import {
  bestInFlight,
  each,
  makeUsers,
  metadataOf,
  onS3,
  openAsDocumented,
  openS3Database,
  plainGets,
  plainPuts,
} from '../s3.mjs'
import { memoryStore } from '../store.mjs'

/** A backup of records with timestamps, which have a reference by each of the two days beside them. */
async function backedUp(records) {
  const database = new Database({
    connectionString: `memory://bench-${process.pid}-${Math.random()}`,
    logLevel: 'silent',
    exitOnSignal: false,
  })
  await database.connect()
  const orders = await database.createResource({
    name: 'orders',
    attributes: { name: 'string', email: 'string', city: 'string', age: 'number', note: 'string' },
    timestamps: true,
    behavior: 'body-overflow',
  })
  await each(records, 32, (i) => orders.insert({ id: idOf(i), ...recordOf(i) }))
  const driver = memoryStore()
  return { driver, ...(await core.backup({ source: databaseSource(database), driver })) }
}

async function compareWays({ records, times }) {
  const { driver, id } = await backedUp(records)
  return onS3(async (place) => {
    let restored = 0
    const restore = (open) => async () => {
      const target = databaseTarget(await open(place, `restored-${restored++}`))
      return rateAndProcessor(records, async () => {
        const { resources } = await core.restore({ driver, id, target })
        if (resources.orders.restored !== records) throw new Error(JSON.stringify(resources))
      })
    }
    await restore(openAsDocumented)()
    const own = restore(openAsDocumented)
    const measured = await withProcessorTime(times, 'rate', own, restore(openS3Database))
    const objects = Math.round(measured.ours * 3)
    return { ...measured, note: `${place.endpoint.server}, ours ${objects} objects/s, ${measured.note}` }
  })
}

async function compareWithPuts({ records, times }) {
  const { database } = await openDatabase(records)
  const driver = memoryStore()
  const { id } = await core.backup({ source: databaseSource(database), driver })
  return onS3(async (place) => {
    const target = await openS3Database(place, 'plain')
    const users = await makeUsers(target)
    const objects = await Promise.all(Array.from({ length: records }, (_, i) => metadataOf(users, i)))
    const { put, close } = plainPuts(place, 'copies')
    let copies = 0
    const write = (count, inFlight) => {
      const copy = copies++
      return rateAndProcessor(count, () =>
        each(count, inFlight, (i) => put(`${copy}/data/id=${idOf(i)}`, objects[i])),
      )
    }
    const restore = async (turn) => {
      const target = databaseTarget(await openAsDocumented(place, `restored-${turn}`))
      return rateAndProcessor(records, async () => {
        const { resources } = await core.restore({ driver, id, target })
        if (resources.users.restored !== records) throw new Error(JSON.stringify(resources))
      })
    }
    try {
      const some = Math.ceil(records / 5)
      const inFlight = await bestInFlight(async (n) => (await write(some, n)).rate)
      await restore('warm')
      const measured = await withProcessorTime(times, 'rate', restore, () => write(records, inFlight))
      const note = `${place.endpoint.server}, theirs ${inFlight} at once, ${measured.note}`
      return { ...measured, note }
    } finally {
      await close()
    }
  })
}

/** The processor time of this process while it works, in microseconds for each of so many. */
async function processorTime(count, work) {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

async function compareProcessorTime({ records, times }) {
  return onS3(async (place) => {
    const database = await openAsDocumented(place, 'shop')
    const users = await makeUsers(database)
    const keyOf = (i) => `resource=users/data/id=${idOf(i)}`
    await each(records, 32, async (i) =>
      database.client.putObject({ key: keyOf(i), metadata: await metadataOf(users, i), body: '' }),
    )
    const { get, close } = plainGets(place, 'shop')
    const ours = () =>
      processorTime(records, () => core.backup({ source: databaseSource(database), driver: memoryStore() }))
    const theirs = () => processorTime(records, () => each(records, 32, (i) => get(keyOf(i))))
    try {
      await ours()
      const inProcess = place.endpoint.server === 'local' ? ', which is in the same process' : ''
      return { ...(await inTurn(times, ours, theirs)), note: `${place.endpoint.server}${inProcess}` }
    } finally {
      await close()
    }
  })
}

export const rows = [
  {
    what: 'restore of 300 records with timestamps into a database on S3 as the documents open it: three objects each',
    against:
      'the same, the database opened without the pool of s3db.js and with the HTTP handler of the AWS SDK',
    reach: 'at least 0.95',
    unit: 'records/s',
    sizes: { full: { records: 300, times: 7 }, quick: { records: 100, times: 1 } },
    run: compareWays,
  },
  {
    what: 'restore of 1,000 records of about 500 B into a database on S3 as the documents open it',
    against: 'as many signed PUTs over undici, as many at once as is best',
    reach: 'at least 0.8',
    unit: 'records/s',
    sizes: { full: { records: 1_000, times: 5 }, quick: { records: 100, times: 1 } },
    run: compareWithPuts,
  },
  {
    what: 'full backup of 1,000 records of about 500 B, database on S3 as the documents open it: processor time of a record',
    against: 'that of a signed GET over undici',
    reach: 'at most 340 µs',
    unit: 'µs',
    sizes: { full: { records: 1_000, times: 5 }, quick: { records: 100, times: 1 } },
    run: compareProcessorTime,
  },
]
