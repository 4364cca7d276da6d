import type { Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { listVersions } from './list-versions.js'
import type { ListedVersion } from './parse-versions.js'

/** The newest versions and delete markers of one key, up to a number, newest first. */
export async function versionsOfKey(
  client: Client,
  key: string,
  most: number,
  call: Call,
): Promise<ListedVersion[]> {
  const found: ListedVersion[] = []
  // This key is the first of all keys that begin with it.
  for await (const { entries } of listVersions(client, key, call, Math.min(1000, most))) {
    found.push(...entries.filter((entry) => entry.key === key))
    if (found.length >= most || entries.some((entry) => entry.key !== key)) break
  }
  return found.slice(0, most)
}
