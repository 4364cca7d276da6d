import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { idOf, recordOf } from './database.mjs'
import { Database } from './products.mjs'
import { each, makeUsers } from './s3.mjs'

/** A folder that is gone afterwards. */
export async function inFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-files-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A database in files, as s3db.js makes it, in a folder of its own that is gone afterwards. */
export const withFileDatabase = (records, work) =>
  inFolder(async (folder) => {
    const connection = `file://${join(folder, 'database')}`
    const database = new Database({ connectionString: connection, logLevel: 'silent', exitOnSignal: false })
    await database.connect()
    const users = await makeUsers(database)
    await each(records, 32, (i) => users.insert({ id: idOf(i), ...recordOf(i) }))
    await database.disconnect()
    return work({ folder, connection })
  })
