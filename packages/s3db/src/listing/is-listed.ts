import type { Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { fileReads } from '../client/files/file-database.js'
import { isInFolder } from '../client/files/is-in-folder.js'
import { listObjects } from './listing.js'

/** Whether there is such an object. It is not read: s3db.js repeats the request for seconds if there is none. */
export async function isListed(client: Client, key: string, call: Call): Promise<boolean> {
  const files = fileReads(client)
  if (files !== undefined) return isInFolder(files, key, call)
  for await (const objects of listObjects(client, key, call))
    if (objects.some((object) => object.key === key)) return true
  return false
}
