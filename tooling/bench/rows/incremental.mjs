import { idOf, likeS3, listAll, openDatabase, recordOf } from '../database.mjs'
import { inTurn, timed } from '../measure.mjs'
import { core, databaseSource } from '../products.mjs'
import { memoryStore } from '../store.mjs'

/** An incremental backup with 0.1 % of the records changed, against listing the records and nothing else. */
async function compare({ records, times }, delay) {
  const { database, users, write } = await openDatabase(records)
  if (delay !== undefined) {
    // Records of the last two seconds would be read again, because they may still change within the same second.
    await new Promise((resolve) => setTimeout(resolve, 3500))
    await write(0, recordOf(1))
    likeS3(database.client, delay)
  }
  const driver = memoryStore()
  const take = (incremental) =>
    core.backup({
      source: databaseSource(database),
      driver,
      ...(incremental === undefined ? {} : { type: 'incremental', incremental }),
    })
  const full = await take(undefined)
  const parent = (await take({ since: full.id })).id
  const changed = Math.max(1, Math.round(records / 1000))
  const change = async (turn) => {
    for (let i = 0; i < changed; i++)
      await write((i * 1000 + turn) % records, { ...recordOf(i), name: `v${turn}` })
  }
  let stored = 0
  const measured = await inTurn(
    times,
    async (turn) => {
      await change(turn)
      return timed(async () => {
        stored = (await take({ since: parent })).records
      })
    },
    () => timed(() => listAll(database, delay !== undefined)),
  )
  if (stored < changed)
    throw new Error(`${stored} of ${changed} changed ${users.name} (${idOf(0)}, ...) stored`)
  return measured
}

const delay = 15

export const rows = [
  {
    what: 'incremental backup, 0.1 % changed, database as on S3',
    against: `bare listing of the same records; every request takes ${delay} ms, 1,000 keys a page`,
    reach: 'at most 1.3',
    unit: 'ms',
    sizes: { full: { records: 100_000, times: 5 }, quick: { records: 3000, times: 1 } },
    run: (size) => compare(size, delay),
  },
  {
    what: 'incremental backup, 0.1 % changed, `memory://`',
    against: 'bare listing of the same records, in one go: no request waits for anything',
    reach: 'none: there is no waiting to hide behind',
    unit: 'ms',
    sizes: { full: { records: 100_000, times: 5 }, quick: { records: 3000, times: 1 } },
    run: (size) => compare(size, undefined),
  },
]
