import { type Call, isBackupError, type OnWarning, type Source } from '@s3db-backup/core'
import { type Database, isS3 } from '../client/database.js'
import { isSdkClient } from '../client/sdk-client.js'
import { dataPrefix } from '../listing/keys.js'
import { ownResources } from '../reading/definitions.js'
import { databaseSource, type SourceOptions } from '../reading/source.js'
import { bucketVersioning, margin, questionsOfBucket } from './bucket-versioning.js'
import type { Counted } from './counted.js'
import { type PastSource, sourceAt } from './database-at.js'
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

/** Entries in an answer of a listing. */
const perPage = 1000

export interface SnapshotSource extends Source {
  /** What reading all of one moment took so far; `undefined` where each record is as it is when it is read. */
  counted(): Counted | undefined
}

/**
 * The current database, or its state at one moment if `snapshot` says so. This is decided once, in `describe`. If
 * `auto` chooses the ordinary way in a bucket that keeps versions, it warns with the reason (`snapshot_not_taken`).
 *
 * `describe` throws with `versions` what `databaseAt` throws.
 */
export function snapshotSource(
  database: Database,
  { snapshot, incremental, ...options }: SnapshotOptions,
): SnapshotSource {
  const live = databaseSource(database, options)
  if (snapshot === 'none') return { ...live, counted: () => undefined }
  let decided: Source | undefined
  let past: PastSource | undefined
  const before = { pages: 0, reads: 0 }
  const decide = async (call: Call): Promise<Source> => {
    if (snapshot === 'auto' && (!isS3(database.client) || !isSdkClient(database.client.client))) return live
    const versioning = await bucketVersioning(database.client, call)
    before.reads += questionsOfBucket
    const look = () => sampleOf(database, () => (before.pages += 1), call)
    const why = snapshot === 'auto' ? await whyNot(versioning.status, incremental, look) : undefined
    if (why !== undefined) {
      if (versioning.status !== 'off') tell(options.onWarning, why)
      return live
    }
    // The clocks of two servers may differ, so the moment lies well in the past.
    const at = new Date(Math.floor((versioning.date - margin) / 1000) * 1000 - 1)
    past = sourceAt(database, at, { ...options, series: 'present' }, versioning)
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
    counted() {
      if (past === undefined || decided !== past) return undefined
      const counted = past.counted()
      return { ...counted, pages: counted.pages + before.pages, reads: counted.reads + before.reads }
    },
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
  status: 'enabled' | 'suspended' | 'off' | 'unknown',
  incremental: boolean,
  look: () => Promise<Sample>,
): Promise<string | undefined> {
  if (status === 'off') return 'the bucket keeps no versions'
  if (status === 'suspended') return 'versioning of the bucket is suspended'
  try {
    const sample = await look()
    if (timesAsMany(sample, incremental) <= worth) return undefined
    const each = (sample.versions / sample.records).toFixed(1)
    return `there are ${each} versions for each record, so it would take more than ${worth} times the requests`
  } catch (error) {
    if (!isBackupError(error, 'permission_denied')) throw error
    return 'the right to list versions is missing (s3:ListBucketVersions)'
  }
}

/** How many versions there are of how many records. */
interface Sample {
  readonly versions: number
  readonly records: number
}

/** A full backup asks for each record anyway; of an incremental one most requests are listings. */
function timesAsMany({ versions, records }: Sample, incremental: boolean): number {
  if (records === 0) return 1
  const reads = incremental ? 0 : records * perPage
  return (versions + reads) / (records + reads)
}

/** As the first pages of a few resources show it; two of a resource that has one record on the first. */
async function sampleOf(database: Database, asked: () => void, call: Call): Promise<Sample> {
  let versions = 0
  let records = 0
  for (const name of [...ownResources(database).keys()].slice(0, looked)) {
    const keys = new Set<string>()
    for await (const { entries } of listVersions(database.client, dataPrefix(name), call)) {
      asked()
      versions += entries.length
      const isSecond = keys.size > 0
      for (const { key } of entries) keys.add(key)
      if (isSecond || keys.size > 1) break
    }
    records += keys.size
  }
  return { versions, records }
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
