import type { Batch, Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { dataPrefix } from '../listing/keys.js'
import { listFolders } from '../listing/list-folders.js'
import { listKeys } from '../listing/listing.js'
import type { Definitions } from './definitions.js'

/** How to see what a storage has. */
export interface Looking {
  /** The folders whose names begin so, a page at a time. */
  folders(prefix: string, call: Call): AsyncIterable<readonly string[]>
  /** Whether there is any record below a prefix. */
  hasRecords(prefix: string, call: Call): Promise<boolean>
}

/**
 * The resources that have records, but no definition. s3db.js starts with no definitions where it cannot read its
 * `s3db.json`, and writes that one with the next resource; a plugin that creates a resource too early does the same. Then
 * nobody can tell what the records mean, but they are there, so the backup does not pass over them: it is incomplete.
 */
export async function* recordsWithoutDefinition(
  definitions: Definitions,
  { folders, hasRecords }: Looking,
  call: Call,
): AsyncGenerator<Batch> {
  const seen = new Set<string>()
  for await (const page of folders(folderStart, call))
    for (const folder of page) {
      const name = folder.slice(folderStart.length)
      if (definitions.has(name) || seen.has(name)) continue
      seen.add(name)
      if (!(await hasRecords(dataPrefix(name), call))) continue
      const reason = `the resource ${JSON.stringify(name)} has records, but s3db.json does not define it: define it again as it was, or remove them`
      yield { rows: [], lostWithoutId: [{ reason, count: null }] }
    }
}

const folderStart = 'resource='

/** Looks at the storage as it is. */
export function lookingNow(client: Client): Looking {
  return {
    folders: (prefix, call) => listFolders(client, prefix, call),
    async hasRecords(prefix, call) {
      for await (const keys of listKeys(client, prefix, call)) if (keys.length > 0) return true
      return false
    },
  }
}
