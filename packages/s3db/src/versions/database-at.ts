import {
  BackupError,
  type Batch,
  type Call,
  type Description,
  type OnWarning,
  type Source,
} from '@s3db-backup/core'
import { contentHash } from '@s3db-backup/core/internal'
import { sdkClientOf } from '../client/ask-bucket.js'
import { checkConnected, type Database } from '../client/database.js'
import { inFlight } from '../client/in-flight.js'
import { askForObject } from '../client/objects.js'
import { versionClient } from '../client/version-client.js'
import { describeResource } from '../definition.js'
import { definitionsKey } from '../definitions-file.js'
import { describeDatabase, identityOf } from '../identity.js'
import { databaseObjects, internalInfos, internalOwner } from '../listing/keys.js'
import { otherPageSize } from '../listing/listing.js'
import type { ListedRecords, StorageClock } from '../listing/steady-listing.js'
import type { Definitions } from '../reading/definitions.js'
import { type ObjectReads, objectReads } from '../reading/object-reads.js'
import { partitionWarnings } from '../reading/partition-warnings.js'
import { readBatches } from '../reading/read-batches.js'
import { type RecordReader, recordReader } from '../reading/record-reader.js'
import { recordsWithoutDefinition } from '../reading/records-without-definition.js'
import { type Asking, databaseSecondLook } from '../reading/second-look.js'
import { locatedIn, unnamable } from '../reading/source.js'
import { nameProblem } from '../resource-names.js'
import { keysAsOf, nearness, type PastKey } from './as-of.js'
import {
  type BucketVersioning,
  bucketVersioning,
  checkMoment,
  questionsOfBucket,
} from './bucket-versioning.js'
import { type Gaps, gapsAt, noGaps } from './gaps.js'
import { listVersions } from './list-versions.js'
import { pastDefinitions } from './past-definitions.js'

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

export interface Counted {
  /** Versions and delete markers that were listed of records, counters and data of plugins. */
  readonly entries: number
  /** How many of them lie within two seconds of the moment: there the storage's clock decides. */
  readonly near: number
  /** Requests for a listing. */
  readonly pages: number
  /** All other requests: one for each object, and those for what the bucket says of itself. */
  readonly reads: number
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
  const counted = { entries: 0, near: 0, pages: 0, reads: 0 }
  const reads = countingReads(objectReads(client, limit, quickReads), counted)
  const warnOfPartitions = partitionWarnings(onWarning)
  const clock = clockAt(time)
  let known: { readonly definitions: Definitions; readonly gaps: Gaps } | undefined

  const learn = async (call: Call) => {
    checkConnected(database, 'backup')
    sdkClientOf(client)
    const versioning = said ?? (await bucketVersioning(client, call))
    if (said === undefined) counted.reads += questionsOfBucket
    checkMoment(time, versioning)
    const listed = pagesOf(definitionsKey, call)
    const { definitions, version } = await pastDefinitions(database, time, { listed, reads }, call)
    const everything = () => pagesOf('', call)
    const gaps = series === 'present' ? noGaps : await gapsAt(time, versioning, version, everything)
    known = { definitions, gaps }
    return known
  }
  const ensure = async (call: Call) => known ?? (await learn(call))
  const gapsOf = async (call: Call) => (await ensure(call)).gaps

  const pagesOf = async function* (prefix: string, call: Call, maxKeys?: number) {
    for await (const page of listVersions(client, prefix, call, maxKeys)) {
      counted.pages += 1
      yield page
    }
  }
  const list = async function* (prefix: string, call: Call, maxKeys?: number) {
    for await (const page of keysAsOf(pagesOf(prefix, call, maxKeys), time, await gapsOf(call))) {
      counted.entries += page.entries
      counted.near += page.near
      yield page.keys.filter((found): found is ThereOrLost => !('absent' in found))
    }
  }
  const asking: Asking = {
    async ask(key, call) {
      const only = async function* () {
        for await (const page of pagesOf(key, call)) {
          const entries = page.entries.filter((entry) => entry.key === key)
          yield { ...page, entries }
          // The keys that follow begin with this key and are longer.
          if (entries.length < page.entries.length) return
        }
      }
      let seen = false
      for await (const { keys } of keysAsOf(only(), time, await gapsOf(call)))
        for (const found of keys) {
          seen = true
          if ('absent' in found) continue
          if ('lost' in found) throw lostVersion(found.key, found.lost)
          const { versionId } = found.version
          const asked = await askForObject(versionClient(client, versionId), key, call)
          counted.reads += asked.requests
          if (asked.object === undefined) throw lostVersion(key, gone(versionId))
          return { ...asked, requests: asked.requests + 1 }
        }
      const [doubt] = seen ? [] : (await gapsOf(call)).doubts
      if (doubt !== undefined) throw lostVersion(key, doubt)
      return { object: undefined, requests: 1 }
    },
    async *list(prefix, call) {
      for await (const keys of list(prefix, call, otherPageSize)) yield { keys: keys.map(({ key }) => key) }
    },
  }
  const locate = async (name: string, call: Call) => locatedIn((await ensure(call)).definitions, name)

  return {
    asOf: at,
    incremental: true,
    counted: () => ({ ...counted }),

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
        yield* recordsWithoutDefinition(client, definitions, call, async (prefix) => {
          for await (const keys of list(prefix, call)) if (keys.length > 0) return true
          return false
        })
      }
      if (located === undefined) return
      // Those of one resource are told with its records.
      if (internalOwner(name) === undefined) yield* withoutTrace(gaps)
      const { understand, ...where } = located
      const listed = async function* (prefix: string): AsyncGenerator<ListedRecords> {
        for await (const keys of list(prefix, call)) {
          const records = keys
            .filter(({ key }) => !where.isLeftOut(key))
            .map((found) => asRecord(found, where.idOf, clock))
          yield { records, toCome: 0 }
        }
      }
      const read = foundOrLost(recordReader(reads, understand))
      yield* readBatches({ client, ...where, read, clock, readsInFlight, list: listed }, since, call)
    },

    secondLook: databaseSecondLook(client, limit, asking, locate),
  }
}

/** A source of the past is asked often, and says what that came to. */
function countingReads(reads: ObjectReads, counted: { reads: number }): ObjectReads {
  return {
    read(listed, call) {
      counted.reads += 1
      return reads.read(listed, call)
    },
  }
}

const archived = /^(GLACIER|DEEP_ARCHIVE)$/

/** An entry of a listing of the past. */
type ThereOrLost = Exclude<PastKey, { readonly absent: true }>

function asRecord(found: ThereOrLost, idOf: (key: string) => string, clock: StorageClock) {
  const { key } = found
  const id = idOf(key)
  if ('lost' in found) return { id, key, bytes: undefined, modified: 0, remembered: 0, lost: found.lost }
  const { versionId, modified, bytes, storageClass } = found.version
  return {
    id,
    key,
    versionId,
    modified,
    // An object that may be archived is read the ordinary way, which understands a refusal.
    bytes: archived.test(storageClass) ? undefined : bytes,
    remembered: clock.isSettled(modified) ? modified : 0,
  }
}

/** A version that was listed and is not there was removed meanwhile: nobody can tell any more what it was. */
function foundOrLost(read: RecordReader): RecordReader {
  return async (listed, call) => {
    const outcome = await read(listed, call)
    return outcome === 'absent' ? { lost: gone(listed.versionId) } : outcome
  }
}

function lostVersion(key: string, why: string): BackupError {
  return new BackupError('corrupt', `The database could not read ${key} as it was: ${why}`, {
    metadata: { key, wholeStorage: false },
  })
}

const gone = (versionId: string | undefined) => `its version ${versionId} was listed and is gone`

/** Of some of what was there at the moment not even a marker may be left. */
function* withoutTrace({ doubts }: Gaps): Generator<Batch> {
  if (doubts.length > 0) yield { rows: [], lostWithoutId: doubts.map((reason) => ({ reason, count: null })) }
}

/** The moment is past, so everything is settled except what is so close to it that clocks may disagree. */
function clockAt(time: number): StorageClock {
  return {
    see: () => undefined,
    goOn: () => undefined,
    isSettled: (modified) => modified > 0 && modified < time - nearness,
    cursor: () => ({ newest: time }),
  }
}
