import { type Call, isBackupError } from '@s3db-backup/core'
import type { Database } from '../client/database.js'
import { definitionsKey } from '../definitions-file.js'
import { bucketVersioning, expiredBefore } from './bucket-versioning.js'
import { nullVersion } from './parse-versions.js'
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
 * Asks the bucket how far back it reaches: four requests. Throws `unsupported` for a database that is not in a bucket.
 */
export async function recoverableWindow({ client }: Database, call: Call): Promise<RecoverableWindow> {
  const bucket = await bucketVersioning(client, call)
  const missingRights = [
    ...(bucket.status === 'unknown' ? ['s3:GetBucketVersioning'] : []),
    ...(bucket.rulesKnown ? [] : ['s3:GetLifecycleConfiguration']),
  ]
  const said = { versioning: bucket.status, noncurrentDays: bucket.noncurrentDays ?? null }
  try {
    const versions = await versionsOfKey(client, definitionsKey, most, call)
    const oldest = versions.at(-1)
    // An object written without a version shows the state since then; nothing is known of what was there before.
    const late = versions.some(({ versionId }) => versionId === nullVersion)
    const possible = bucket.status === 'enabled' || bucket.status === 'unknown'
    const start = Math.max(oldest?.modified ?? 0, expiredBefore(bucket) ?? 0)
    const from = possible && oldest !== undefined ? new Date(start) : null
    return { ...said, from, late, missingRights }
  } catch (error) {
    if (!isBackupError(error, 'permission_denied')) throw error
    return { ...said, from: null, late: false, missingRights: [...missingRights, 's3:ListBucketVersions'] }
  }
}
