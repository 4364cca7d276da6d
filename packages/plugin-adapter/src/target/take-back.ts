import type { Call } from '@s3db-backup/core'
import type { Database } from '@s3db-backup/s3db'
import { definitionsKey, deleteObject, listObjects, storedDefinitions } from '@s3db-backup/s3db/internal'

/** What s3db.js itself locks while it writes definitions. */
const locks = 'plugin=s3db-core/'

/** Removes the metadata file that connecting has made of a new database, as long as there is nothing else. */
export async function takeBack(database: Database, call: Call): Promise<void> {
  const { client } = database
  const keys: string[] = []
  for await (const objects of listObjects(client, '', call))
    for (const { key } of objects) {
      if (key !== definitionsKey && !key.startsWith(locks)) return
      keys.push(key)
    }
  if (!keys.includes(definitionsKey) || (await storedDefinitions(database, call)).size > 0) return
  for (const key of keys) await deleteObject(client, key, call)
}
