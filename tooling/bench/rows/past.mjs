import { setTimeout } from 'node:timers/promises'
import { inTurn } from '../measure.mjs'
import { core, databaseAt, databaseSource } from '../products.mjs'
import { makeUsers, onS3, openS3Database, putUsers, rateOf } from '../s3.mjs'
import { memoryStore } from '../store.mjs'

/** A moment has to be so long past, in ms, before it can be read. */
const margin = 8000

async function backUp(source, records) {
  const made = await core.backup({ source, driver: memoryStore() })
  if (made.records !== records) throw new Error(`${made.records} of ${records} records`)
}

export const rows = [
  {
    what: 'backup of a moment of the past, from a bucket with one version of each of 4,000 records',
    against: 'full backup of the same database as it is',
    reach: 'at least 0.9',
    unit: 'records/s',
    sizes: { full: { records: 4000, times: 5 }, quick: { records: 100, times: 1 } },
    run: ({ records, times }) =>
      onS3(async (place) => {
        await place.versioning('Enabled')
        const database = await openS3Database(place, 'shop')
        const users = await makeUsers(database)
        await putUsers(database, users, records)
        const at = new Date()
        await setTimeout(margin)
        const past = () => rateOf(records, () => backUp(databaseAt(database, at), records))
        const present = () => rateOf(records, () => backUp(databaseSource(database), records))
        await past()
        await present()
        return { ...(await inTurn(times, past, present)), note: place.endpoint.server }
      }),
  },
]
