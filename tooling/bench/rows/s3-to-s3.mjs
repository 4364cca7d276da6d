import { idOf } from '../database.mjs'
import { inTurn } from '../measure.mjs'
import { core, databaseSource, databaseTarget, s3 } from '../products.mjs'
import {
  bestInFlight,
  each,
  makeUsers,
  metadataOf,
  onS3,
  openAsDocumented,
  plainGets,
  plainPuts,
  putUsers,
  rateOf,
} from '../s3.mjs'

const keyOf = (i) => `resource=users/data/id=${idOf(i)}`

/**
 * From a database on S3 to a destination on S3 and from there into another database on S3, against as many signed GETs and
 * as many signed PUTs. Of both the slower way counts: it is what an end to the other takes.
 */
async function compare({ records, times }) {
  return onS3(async (place) => {
    const database = await openAsDocumented(place, 'shop')
    const users = await makeUsers(database)
    await putUsers(database, users, records)
    const objects = await Promise.all(Array.from({ length: records }, (_, i) => metadataOf(users, i)))
    const { ours, steps } = ownWay(place, database, records)
    const theirs = plainWay(place, objects)
    try {
      await theirs.prepare()
      await ours('warm')
      steps.length = 0
      const measured = await inTurn(times, ours, theirs.run)
      const [backup, restore] = steps.at(-1).map(Math.round)
      const note = `${place.endpoint.server}, the last backup ${backup} and restore ${restore} records/s, theirs ${theirs.inFlight()} at once`
      return { ...measured, note }
    } finally {
      await theirs.close()
    }
  })
}

function ownWay(place, database, records) {
  const { bucket, endpoint } = place
  const { url, region, credentials } = endpoint
  const driver = s3({ bucket, endpoint: url, region, credentials, prefix: 'backups' })
  const steps = []
  return {
    steps,
    async ours(turn) {
      let id
      const backup = await rateOf(records, async () => {
        const made = await core.backup({ source: databaseSource(database), driver })
        if (made.records !== records) throw new Error(`${made.records} of ${records} records`)
        id = made.id
      })
      const target = databaseTarget(await openAsDocumented(place, `restored-${turn}`))
      const restore = await rateOf(records, async () => {
        const { resources } = await core.restore({ driver, id, target })
        if (resources.users.restored !== records) throw new Error(JSON.stringify(resources))
      })
      steps.push([backup, restore])
      return Math.min(backup, restore)
    },
  }
}

function plainWay(place, objects) {
  const { get, close: endGets } = plainGets(place, 'shop')
  const { put, close: endPuts } = plainPuts(place, 'copies')
  const best = { gets: 0, puts: 0 }
  let copies = 0
  const gets = (count, inFlight) => rateOf(count, () => each(count, inFlight, (i) => get(keyOf(i))))
  const puts = (count, inFlight) => {
    const copy = copies++
    return rateOf(count, () => each(count, inFlight, (i) => put(`${copy}/${keyOf(i)}`, objects[i])))
  }
  return {
    async prepare() {
      const some = Math.min(2000, Math.ceil(objects.length / 5))
      best.gets = await bestInFlight((n) => gets(some, n))
      best.puts = await bestInFlight((n) => puts(some, n))
    },
    run: async () => Math.min(await gets(objects.length, best.gets), await puts(objects.length, best.puts)),
    inFlight: () => `${best.gets} and ${best.puts}`,
    close: () => Promise.all([endGets(), endPuts()]),
  }
}

export const rows = [
  {
    what: 'S3 to S3: 20,000 records of a database on S3, as the documents open it, to backups on S3, and from there into another such database; the slower of the two',
    against:
      'the slower of as many signed GETs and as many signed PUTs over undici, as many at once as is best',
    reach: 'at least 0.8',
    unit: 'records/s',
    sizes: { full: { records: 20_000, times: 3 }, quick: { records: 100, times: 1 } },
    run: compare,
  },
]
