import type { Batch, Call, Description, OnWarning, Source } from '@s3db-backup/core'
import { checkConnected, type Database } from '../client/database.js'
import { inFlight } from '../client/in-flight.js'
import { describeResource } from '../definition.js'
import { describeDatabase, identityOf } from '../identity.js'
import {
  databaseObjects,
  dataKey,
  dataPrefix,
  internalInfos,
  internalPrefixes,
  keysOf,
} from '../listing/keys.js'
import { listPages } from '../listing/listing.js'
import { newestOf, storageClock } from '../listing/steady-listing.js'
import { isTransient } from '../listing/transient.js'
import { nameProblem } from '../resource-names.js'
import { storedForm } from '../stored-form/index.js'
import { currentDefinitions, type Definitions } from './definitions.js'
import { objectReads } from './object-reads.js'
import { partitionWarnings } from './partition-warnings.js'
import { readBatches } from './read-batches.js'
import { recordReader, understandObject, understandRecords } from './record-reader.js'
import { lookingNow, recordsWithoutDefinition } from './records-without-definition.js'
import { askingNow, databaseSecondLook, type Located } from './second-look.js'

export interface SourceOptions {
  /**
   * The most objects to be read at once, whatever the number of resources. Default 64. How many are, shows while
   * reading: more as long as that is faster, fewer when the server asks to slow down.
   */
  readonly readsInFlight?: number | undefined
  /**
   * Read objects without a body by requests made after the pattern of one of the client's own, which takes a fraction
   * of the processor time. `false`: every read goes through all layers of the AWS SDK. Default `true`.
   */
  readonly quickReads?: boolean | undefined
  /** Told once of each partition that s3db.js will refuse to open again (`partition_unusable`). */
  readonly onWarning?: OnWarning | undefined
}

/**
 * A connected s3db.js database as the source of a backup. Records are read raw, around hooks, events, caches
 * and decryption, and decoded here: nothing of the user's runs, nothing is changed, secrets stay ciphertext.
 */
export function databaseSource(database: Database, options: SourceOptions = {}): Source {
  const readsInFlight = options.readsInFlight ?? 64
  // All resources are in one storage: one listing also shows its clock for the others, and their reads share a limit.
  const clock = storageClock(database.client)
  const limit = inFlight(readsInFlight)
  const { client } = database
  const reads = objectReads(client, limit, options.quickReads)
  const warnOfPartitions = partitionWarnings(options.onWarning)
  let described: Definitions | undefined
  const definitionsNow = async (call: Call) => {
    described ??= await currentDefinitions(database, call)
    return described
  }
  const locate = async (name: string, call: Call) => locatedIn(await definitionsNow(call), name)
  return {
    incremental: true,
    changing: true,

    async describe(call): Promise<Description> {
      checkConnected(database, 'backup')
      const definitions = await currentDefinitions(database, call)
      described = definitions
      const nameable = [...definitions].filter(([name]) => nameProblem(name) === undefined)
      const resources = nameable.map(([, resource]) => describeResource(resource))
      resources.forEach(warnOfPartitions)
      return {
        database: describeDatabase(database),
        identity: identityOf(database),
        resources,
        internal: internalInfos(nameable.map(([name]) => name)),
      }
    },

    async *read(name, { since, range, signal }) {
      const located = await locate(name, { signal })
      if (name === databaseObjects) {
        const definitions = await definitionsNow({ signal })
        yield* unnamable(definitions)
        // If several processes make one backup, each has a range; only the first one looks.
        if (range?.after === undefined)
          yield* recordsWithoutDefinition(definitions, lookingNow(client), { signal })
      }
      if (located === undefined) return
      const { understand, ...where } = located
      const read = recordReader(reads, understand)
      const keys = where.rangeOf(range)
      yield* readBatches({ client, ...where, range: keys, read, clock, readsInFlight }, since, { signal })
    },

    ranges: {
      async *ids(name, call) {
        const located = await locate(name, call)
        for (const prefix of located?.prefixes ?? [])
          for await (const { objects } of listPages(client, prefix, call))
            yield objects.map(({ key }) => key).map((key) => located?.idOf(key) ?? key)
      },
      joinCursors: newestOf,
    },

    secondLook: databaseSecondLook(client, limit, askingNow(client), locate),
  }
}

/** Nothing for a resource that is not defined: one that was removed since it was described has no records any more. */
export function locatedIn(definitions: Definitions, name: string): Located | undefined {
  const internal = internalPrefixes(name)
  const same = (key: string) => key
  if (internal !== undefined)
    return {
      prefixes: internal,
      idOf: same,
      keyOf: same,
      rangeOf: (range) => range,
      isLeftOut: isTransient,
      understand: understandObject,
    }
  const resource = definitions.get(name)
  if (resource === undefined) return undefined
  const prefix = dataPrefix(name)
  return {
    prefixes: [prefix],
    idOf: (key) => key.slice(prefix.length),
    keyOf: (id) => dataKey(name, id),
    rangeOf: (range) => range && keysOf(name, range),
    isLeftOut: () => false,
    understand: understandRecords(storedForm(resource.form), resource.version),
  }
}

/** Resources that no backup can have because of their names are lost by these, and the others are backed up. */
export function* unnamable(definitions: Definitions): Generator<Batch> {
  const lostWithoutId = [...definitions.keys()].flatMap((name) => {
    const problem = nameProblem(name)
    const reason = `the resource ${JSON.stringify(name)} cannot be backed up: ${problem}`
    return problem === undefined ? [] : [{ reason, count: null }]
  })
  if (lostWithoutId.length > 0) yield { rows: [], lostWithoutId }
}
