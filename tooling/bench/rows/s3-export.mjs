import { idOf } from '../database.mjs'
import { inTurn } from '../measure.mjs'
import { core, databaseSource } from '../products.mjs'
import { bestInFlight, each, makeUsers, metadataOf, onS3, openS3Database, plainGets, rateOf } from '../s3.mjs'
import { memoryStore } from '../store.mjs'

const sizes = { full: { records: 10_000, times: 5 }, quick: { records: 200, times: 1 } }

const prefix = 'shop'

const keyOf = (i) => `resource=users/data/id=${idOf(i)}`

/** A full backup of a database on S3 against reading its objects; `getter` gives how one is read. */
const compare = (getter) => (size) =>
  onS3(async (place) => {
    const { records, times } = size
    const database = await openS3Database(place, prefix)
    const users = await makeUsers(database)
    await each(records, 32, async (i) =>
      database.client.putObject({ key: keyOf(i), metadata: await metadataOf(users, i), body: '' }),
    )
    const { get, close } = getter(place, database)
    try {
      const some = Math.ceil(records / 5)
      const inFlight = await bestInFlight((n) => rateOf(some, () => each(some, n, (i) => get(keyOf(i)))))
      const ours = () => rateOf(records, () => backUp(database, records))
      await ours()
      const measured = await inTurn(times, ours, () =>
        rateOf(records, () => each(records, inFlight, (i) => get(keyOf(i)))),
      )
      return { ...measured, note: `${place.endpoint.server}, theirs ${inFlight} at once` }
    } finally {
      await close()
    }
  })

async function backUp(database, records) {
  const made = await core.backup({ source: databaseSource(database), driver: memoryStore() })
  if (made.records !== records) throw new Error(`${made.records} of ${records} records`)
}

/** Through the database's own client: s3db.js over the AWS SDK. */
const ownGets = (_place, { client }) => ({
  async get(key) {
    const { Body } = await client.getObject(key)
    await Body.transformToByteArray()
  },
  close: async () => undefined,
})

export const rows = [
  {
    what: 'full backup of 10,000 records of about 500 B, database on S3',
    against: 'as many raw GETs through the same client, as many at once as is best',
    reach: 'at least 0.9',
    unit: 'records/s',
    sizes,
    run: compare(ownGets),
  },
  {
    what: 'full backup of 10,000 records of about 500 B, database on S3',
    against: 'as many signed GETs over undici, as many at once as is best',
    reach: 'at least 0.9',
    unit: 'records/s',
    sizes,
    run: compare((place) => plainGets(place, prefix)),
  },
]
