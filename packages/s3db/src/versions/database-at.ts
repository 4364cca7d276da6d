import type { Batch, Call, Description, OnWarning, Source } from '@s3db-backup/core'
import { contentHash } from '@s3db-backup/core/internal'
import { sdkClientOf } from '../client/ask-bucket.js'
import { checkConnected, type Database } from '../client/database.js'
import { inFlight } from '../client/in-flight.js'
import { describeResource } from '../definition.js'
import { definitionsKey } from '../definitions-file.js'
import { describeDatabase, identityOf } from '../identity.js'
import { databaseObjects, internalInfos, internalOwner } from '../listing/keys.js'
import { listFolders } from '../listing/list-folders.js'
import type { Definitions } from '../reading/definitions.js'
import { objectReads } from '../reading/object-reads.js'
import { partitionWarnings } from '../reading/partition-warnings.js'
import { readBatches } from '../reading/read-batches.js'
import { recordReader } from '../reading/record-reader.js'
import { type Looking, recordsWithoutDefinition } from '../reading/records-without-definition.js'
import { databaseSecondLook } from '../reading/second-look.js'
import { locatedIn, unnamable } from '../reading/source.js'
import { nameProblem } from '../resource-names.js'
import { askingPast } from './asking-past.js'
import {
  type BucketVersioning,
  bucketVersioning,
  checkMoment,
  questionsOfBucket,
} from './bucket-versioning.js'
import { type Counted, type Counters, countingReads } from './counted.js'
import { type Gaps, gapsAt, noGaps } from './gaps.js'
import { pastDefinitions } from './past-definitions.js'
import { pastListing } from './past-listing.js'
import { clockAt, foundOrLost, listPastRecords } from './past-records.js'

export interface DatabaseAtOptions {
  /** The most objects to be read at once, whatever the number of resources. Default 64. */
  readonly readsInFlight?: number | undefined
  /** Read objects without a body the quick way. Default `true`. */
  readonly quickReads?: boolean | undefined
  /** Told of partitions that s3db.js will refuse to open again (`partition_unusable`). */
  readonly onWarning?: OnWarning | undefined
  /**
   * `past`: a backup of it is of a series of its own, so that no backup of the present builds on it. `present`: the moment
   * is now, fixed a little behind the storage's clock, and its backups are of the series of the database. Default `past`.
   */
  readonly series?: 'past' | 'present' | undefined
}

/** The past database, and the cost of reading it so far. */
export interface PastSource extends Source {
  /** The moment: everything written at or before it is read. */
  readonly asOf: Date
  /** What it took so far. */
  counted(): Counted
}

/**
 * The past state of a connected s3db.js database at a moment, from the versions that its bucket keeps: resources,
 * records, counters and data of plugins. One listing per 1,000 versions and one read per record; nothing is changed.
 *
 * It is as exact as the storage's own clock (whole seconds on Amazon S3) and no transaction. Repeated, it gives the same. A
 * record whose version of that time is gone, or cannot be read, is lost by name: it is never taken for absent.
 *
 * `describe` throws `unsupported` where the bucket keeps no versions or versioning is suspended, `invalid_options` for a
 * moment closer than five seconds to the storage's clock, `not_found` for one before the database's first version.
 */
export function databaseAt(database: Database, at: Date, options: DatabaseAtOptions = {}): PastSource {
  return sourceAt(database, at, options, undefined)
}

/** With what the bucket has said of itself, if it was asked already: another server's clock may say another time. */
export function sourceAt(
  database: Database,
  at: Date,
  { readsInFlight = 64, quickReads, onWarning, series = 'past' }: DatabaseAtOptions,
  said: BucketVersioning | undefined,
): PastSource {
  const { client } = database
  const time = at.getTime()
  const limit = inFlight(readsInFlight)
  const counters: Counters = { entries: 0, near: 0, pages: 0, reads: 0 }
  const reads = countingReads(objectReads(client, limit, quickReads), counters)
  const warnOfPartitions = partitionWarnings(onWarning)
  const clock = clockAt(time)
  let known: { readonly definitions: Definitions; readonly gaps: Gaps } | undefined

  const learn = async (call: Call) => {
    checkConnected(database, 'backup')
    sdkClientOf(client)
    const versioning = said ?? (await bucketVersioning(client, call))
    if (said === undefined) counters.reads += questionsOfBucket
    checkMoment(time, versioning)
    const listed = listing.versions(definitionsKey, call)
    const { definitions, version } = await pastDefinitions(database, time, { listed, reads }, call)
    const everything = () => listing.versions('', call)
    const gaps = series === 'present' ? noGaps : await gapsAt(time, versioning, version, everything)
    known = { definitions, gaps }
    return known
  }
  const ensure = async (call: Call) => known ?? (await learn(call))
  const gapsOf = async (call: Call) => (await ensure(call)).gaps
  const listing = pastListing(client, time, gapsOf, counters)
  const asking = askingPast(client, listing, gapsOf, counters)
  const locate = async (name: string, call: Call) => locatedIn((await ensure(call)).definitions, name)

  const lookingBack: Looking = {
    async *folders(prefix, call) {
      for await (const page of listFolders(client, prefix, call)) {
        counters.pages += 1
        yield page
      }
    },
    async hasRecords(prefix, call) {
      for await (const keys of listing.keys(prefix, call)) if (keys.length > 0) return true
      return false
    },
  }

  return {
    asOf: at,
    incremental: true,
    counted: () => ({ ...counters }),

    async describe(call): Promise<Description> {
      const { definitions } = await ensure(call)
      const nameable = [...definitions].filter(([name]) => nameProblem(name) === undefined)
      const resources = nameable.map(([, resource]) => describeResource(resource))
      resources.forEach(warnOfPartitions)
      const identity = identityOf(database)
      return {
        asOf: at.toISOString(),
        database: describeDatabase(database),
        identity: series === 'present' ? identity : contentHash(JSON.stringify([identity, 'past'])),
        resources,
        internal: internalInfos(nameable.map(([name]) => name)),
      }
    },

    async *read(name, { since, signal }) {
      const call = { signal }
      const { definitions, gaps } = await ensure(call)
      const located = locatedIn(definitions, name)
      if (name === databaseObjects) {
        yield* unnamable(definitions)
        yield* recordsWithoutDefinition(definitions, lookingBack, call)
      }
      if (located === undefined) return
      // Those of one resource are reported with its records.
      if (internalOwner(name) === undefined) yield* withoutTrace(gaps)
      const { understand, ...where } = located
      const read = foundOrLost(recordReader(reads, understand))
      const list = listPastRecords(listing, where, clock, call)
      yield* readBatches({ client, ...where, read, clock, readsInFlight, list }, since, call)
    },

    secondLook: databaseSecondLook(client, limit, asking, locate),
  }
}

/** Of some of what was there at the moment not even a marker may be left. */
function* withoutTrace({ doubts }: Gaps): Generator<Batch> {
  if (doubts.length > 0) yield { rows: [], lostWithoutId: doubts.map((reason) => ({ reason, count: null })) }
}
