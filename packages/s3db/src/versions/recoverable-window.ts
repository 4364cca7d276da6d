import { type Call, isBackupError } from '@s3db-backup/core'
import { errorCode } from '../client/client-errors.js'
import type { Client, Database } from '../client/database.js'
import { askForObject } from '../client/objects.js'
import { versionClient } from '../client/version-client.js'
import { definitionsKey } from '../definitions-file.js'
import { bucketVersioning, expiredBefore } from './bucket-versioning.js'
import { listVersions } from './list-versions.js'
import { type ListedVersion, nullVersion } from './parse-versions.js'
import { versionsOfKey } from './versions-of-key.js'

/** The period for which a database's past can be read. */
export interface RecoverableWindow {
  /** Of the bucket. `unknown`: the right to ask is missing. */
  readonly versioning: 'enabled' | 'suspended' | 'off' | 'unknown'
  /** Every moment from here on can be read whole; `null` if none can. */
  readonly from: Date | null
  /** Days after which lifecycle rules remove what was overwritten or deleted; `null` if no rule does. */
  readonly noncurrentDays: number | null
  /** Whether versioning was turned on after the database was made: what was before has left no versions. */
  readonly late: boolean
  /** Rights that are missing, by the names that Amazon S3 has for them. */
  readonly missingRights: readonly string[]
}

/** How many versions of the definitions are looked at. */
const most = 1000

/**
 * Asks the bucket how far back it reaches: four requests, five if versioning was turned on late. Throws `unsupported` for a
 * database that is not in a bucket.
 */
export async function recoverableWindow({ client }: Database, call: Call): Promise<RecoverableWindow> {
  const bucket = await bucketVersioning(client, call)
  const missingRights = [
    ...(bucket.status === 'unknown' ? ['s3:GetBucketVersioning'] : []),
    ...(bucket.rulesKnown ? [] : ['s3:GetLifecycleConfiguration']),
  ]
  const said = { versioning: bucket.status, noncurrentDays: bucket.noncurrentDays ?? null }
  if (bucket.status === 'off') return { ...said, from: null, late: false, missingRights }
  try {
    const versions = await versionsOfKey(client, definitionsKey, most, call)
    const [readable] = versions.filter(({ isMarker }) => !isMarker)
    if (readable !== undefined && !(await mayRead(client, readable, call)))
      return { ...said, from: null, late: false, missingRights: [...missingRights, 's3:GetObjectVersion'] }
    const late = versions.some(({ versionId }) => versionId === nullVersion)
    const possible = bucket.status === 'enabled' || bucket.status === 'unknown'
    const begin = late ? await versionedFrom(client, versions, bucket.date, call) : versions.at(-1)?.modified
    const from =
      possible && begin !== undefined ? new Date(Math.max(begin, expiredBefore(bucket) ?? 0)) : null
    return { ...said, from, late, missingRights }
  } catch (error) {
    if (!isBackupError(error, 'permission_denied')) throw error
    return { ...said, from: null, late: false, missingRights: [...missingRights, 's3:ListBucketVersions'] }
  }
}

/** Whether a version may be read by its name. One that is gone or archived says nothing against it. */
async function mayRead(client: Client, { key, versionId }: ListedVersion, call: Call): Promise<boolean> {
  try {
    await askForObject(versionClient(client, versionId), key, call)
    return true
  } catch (error) {
    if (!isBackupError(error)) throw error
    if (isBackupError(error, 'unavailable') && error.metadata.wholeStorage === true) throw error
    return !(isBackupError(error, 'permission_denied') && errorCode(error.cause) !== 'InvalidObjectState')
  }
}

/**
 * When versioning was on for certain, in ms since 1970: from the first version that has a name, among those of the
 * definitions and of the first page of all. What was deleted before has left no trace. Without any, from now on.
 */
async function versionedFrom(
  client: Client,
  definitions: readonly ListedVersion[],
  now: number,
  call: Call,
): Promise<number> {
  const seen = [...definitions]
  for await (const { entries } of listVersions(client, '', call)) {
    seen.push(...entries)
    break
  }
  const timesOf = (named: boolean) =>
    seen.filter(({ versionId }) => (versionId !== nullVersion) === named).map(({ modified }) => modified)
  const named = timesOf(true).reduce((first, time) => Math.min(first, time), now)
  // If something was written without a version after that, versioning was off until then.
  return timesOf(false).reduce((last, time) => Math.max(last, time), named)
}
