import { type Call, isBackupError, type OnWarning, type Source } from '@s3db-backup/core'
import { type Database, isS3 } from '../client/database.js'
import { isSdkClient } from '../client/sdk-client.js'
import { dataPrefix } from '../listing/keys.js'
import { ownResources } from '../reading/definitions.js'
import { databaseSource, type SourceOptions } from '../reading/source.js'
import { bucketVersioning, margin } from './bucket-versioning.js'
import { databaseAt } from './database-at.js'
import { listVersions } from './list-versions.js'

/**
 * How an ordinary backup reads a database in a bucket with versions. `versions`: every record as of one moment, a
 * little behind the storage's clock. `auto`: the same if it is possible and costs at most twice the requests. `none`:
 * each record as it is when it is read.
 */
export type Snapshot = 'auto' | 'versions' | 'none'

export interface SnapshotOptions extends SourceOptions {
  readonly snapshot: Snapshot
  /** Whether only changes are read, so that most requests are listings. */
  readonly incremental: boolean
}

/** How many times as many requests `auto` takes for a backup of one moment. */
const worth = 2

/** How many resources to sample, with a page of versions each. */
const looked = 4

/**
 * The current database, or its state at one moment if `snapshot` says so. This is decided once, in `describe`. If
 * `auto` chooses the ordinary way in a bucket that keeps versions, it warns with the reason (`snapshot_not_taken`).
 *
 * With `versions`, `describe` throws the errors of {@link databaseAt}.
 */
export function snapshotSource(
  database: Database,
  { snapshot, incremental, ...options }: SnapshotOptions,
): Source {
  const live = databaseSource(database, options)
  if (snapshot === 'none') return live
  let decided: Source | undefined
  const decide = async (call: Call): Promise<Source> => {
    if (snapshot === 'auto' && (!isS3(database.client) || !isSdkClient(database.client.client))) return live
    const versioning = await bucketVersioning(database.client, call)
    const why = snapshot === 'auto' ? await whyNot(database, versioning.status, incremental, call) : undefined
    if (why !== undefined) {
      if (versioning.status !== 'off') tell(options.onWarning, why)
      return live
    }
    // The clocks of two servers may differ, so the moment is well in the past, and the next request is later still.
    const at = new Date(Math.floor((versioning.date - margin) / 1000) * 1000 - 1)
    const past = databaseAt(database, at, { ...options, series: 'present' })
    const refusal = snapshot === 'auto' ? await refusalOf(past, call) : undefined
    if (refusal === undefined) return past
    tell(options.onWarning, refusal)
    return live
  }
  const chosen = async (call: Call) => {
    decided ??= await decide(call)
    return decided
  }
  return {
    incremental: true,
    get changing() {
      return decided === undefined || decided === live
    },
    describe: async (call) => (await chosen(call)).describe(call),
    async *read(name, call) {
      yield* (await chosen(call)).read(name, call)
    },
    secondLook: {
      async ask(resource, ids, call) {
        const { secondLook } = await chosen(call)
        return secondLook === undefined ? { gone: [], requests: 0 } : secondLook.ask(resource, ids, call)
      },
      async *list(resource, call) {
        const { secondLook } = await chosen(call)
        if (secondLook !== undefined) yield* secondLook.list(resource, call)
      },
    },
  }
}

/** Why the moment cannot be read: the right to read versions is missing, or the database is younger than that. */
async function refusalOf(past: Source, call: Call): Promise<string | undefined> {
  try {
    await past.describe(call)
    return undefined
  } catch (error) {
    const codes = ['permission_denied', 'not_found', 'unsupported'] as const
    if (isBackupError(error) && codes.some((code) => error.code === code)) return error.message
    throw error
  }
}

async function whyNot(
  database: Database,
  status: 'enabled' | 'suspended' | 'off' | 'unknown',
  incremental: boolean,
  call: Call,
): Promise<string | undefined> {
  if (status === 'off') return 'the bucket keeps no versions'
  if (status === 'suspended') return 'versioning of the bucket is suspended'
  try {
    const ratio = await versionsPerRecord(database, call)
    // A full backup requests each record anyway; an incremental one mostly makes listings.
    if (incremental && ratio > worth)
      return `there are ${ratio.toFixed(1)} versions for each record, so it would take more than ${worth} times the requests`
    return undefined
  } catch (error) {
    if (!isBackupError(error, 'permission_denied')) throw error
    return 'the right to list versions is missing (s3:ListBucketVersions)'
  }
}

/** As the first pages of a few resources show it. */
async function versionsPerRecord(database: Database, call: Call): Promise<number> {
  let entries = 0
  let keys = 0
  for (const name of [...ownResources(database).keys()].slice(0, looked))
    for await (const page of listVersions(database.client, dataPrefix(name), call)) {
      entries += page.entries.length
      keys += new Set(page.entries.map(({ key }) => key)).size
      break
    }
  return keys === 0 ? 1 : entries / keys
}

function tell(onWarning: OnWarning | undefined, why: string): void {
  onWarning?.({
    code: 'snapshot_not_taken',
    driver: 's3db',
    message: `The records are not all of one moment: ${why}. Each is as it was when it was read`,
    suggestion:
      'Set snapshot to "none" if that is intended, or to "versions" to get one moment or no backup.',
    metadata: { why },
  })
}
