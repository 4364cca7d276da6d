import { idOf, openDatabase } from '../database.mjs'
import { inTurn } from '../measure.mjs'
import { core, databaseSource, databaseTarget } from '../products.mjs'
import { bestInFlight, each, makeUsers, metadataOf, onS3, openS3Database, rateOf } from '../s3.mjs'
import { memoryStore } from '../store.mjs'

/** A restore into an empty database on S3 against writing the same objects, to another prefix each time. */
async function compare({ records, times }) {
  const { database } = await openDatabase(records)
  const driver = memoryStore()
  const { id } = await core.backup({ source: databaseSource(database), driver })
  return onS3(async (place) => {
    const { client, users } = await openWriter(place)
    const objects = await Promise.all(Array.from({ length: records }, (_, i) => metadataOf(users, i)))
    let copies = 0
    const write = (count, inFlight) => {
      const copy = `copy-${copies++}`
      return rateOf(count, () =>
        each(count, inFlight, (i) =>
          client.putObject({ key: `${copy}/data/id=${idOf(i)}`, metadata: objects[i], body: '' }),
        ),
      )
    }
    const restore = async (turn) => {
      const target = databaseTarget(await openS3Database(place, `restored-${turn}`))
      return rateOf(records, async () => {
        const { resources } = await core.restore({ driver, id, target })
        if (resources.users.restored !== records) throw new Error(JSON.stringify(resources))
      })
    }
    const some = Math.ceil(records / 5)
    const inFlight = await bestInFlight((n) => write(some, n))
    await restore('warm')
    const measured = await inTurn(times, restore, () => write(records, inFlight))
    return { ...measured, note: `${place.endpoint.server}, theirs ${inFlight} at once` }
  })
}

async function openWriter(place) {
  const database = await openS3Database(place, 'plain')
  return { client: database.client, users: await makeUsers(database) }
}

export const rows = [
  {
    what: 'restore of 10,000 records of about 500 B into a database on S3',
    against: 'raw PUTs of the same objects through the same client, as many at once as is best',
    reach: 'at least 0.9',
    unit: 'records/s',
    sizes: { full: { records: 10_000, times: 5 }, quick: { records: 200, times: 1 } },
    run: compare,
  },
]
