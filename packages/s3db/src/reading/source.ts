import type { Description, JsonValue, Source } from '@s3db-backup/core'
import { contentHash } from '@s3db-backup/core/internal'
import { type Client, checkConnected, type Database } from '../client/database.js'
import { inFlight } from '../client/in-flight.js'
import { describeResource } from '../definition.js'
import { dataPrefix, internalInfos, internalPrefixes } from '../listing/keys.js'
import { storageClock } from '../listing/steady-listing.js'
import { storedForm } from '../stored-form/index.js'
import { currentDefinitions, type Definitions } from './definitions.js'
import { type ObjectReads, objectReads } from './object-reads.js'
import { type ReadRecords, readBatches } from './read-batches.js'
import { objectReader, recordReader } from './record-reader.js'

export interface SourceOptions {
  /**
   * The most objects to be read at once, whatever the number of resources. Default 64. How many are, shows while
   * reading: more as long as that is faster, fewer when the server asks to slow down.
   */
  readonly readsInFlight?: number | undefined
}

/**
 * A connected s3db.js database as the source of a backup. Records are read raw, around hooks, events, caches
 * and decryption, and decoded here: nothing of the user's runs, nothing is changed, secrets stay ciphertext.
 */
export function databaseSource(database: Database, options: SourceOptions = {}): Source {
  const readsInFlight = options.readsInFlight ?? 64
  // All resources lie in one storage: one listing shows its clock for the others too, and their reads share a limit.
  const clock = storageClock(database.client)
  const reads = objectReads(database.client, inFlight(readsInFlight))
  let described: Definitions | undefined
  return {
    incremental: true,
    changing: true,

    async describe(call): Promise<Description> {
      checkConnected(database, 'backup')
      const definitions = await currentDefinitions(database, call)
      described = definitions
      return {
        database: describeDatabase(database),
        identity: identityOf(database),
        resources: [...definitions.values()].map(describeResource),
        internal: internalInfos([...definitions.keys()]),
      }
    },

    async *read(name, { since, signal }) {
      described ??= await currentDefinitions(database, { signal })
      const records = recordsOf(database.client, described, name, reads, { clock, readsInFlight })
      if (records !== undefined) yield* readBatches(records, since, { signal })
    },
  }
}

function recordsOf(
  client: Client,
  definitions: Definitions,
  name: string,
  reads: ObjectReads,
  shared: Pick<ReadRecords, 'clock' | 'readsInFlight'>,
): ReadRecords | undefined {
  const internal = internalPrefixes(name)
  if (internal !== undefined) {
    return { client, prefixes: internal, idOf: (key) => key, read: objectReader(reads), ...shared }
  }
  const resource = definitions.get(name)
  // One that was removed between being described and being read has no records any more.
  if (resource === undefined) return undefined
  const prefix = dataPrefix(name)
  const read = recordReader(reads, storedForm(resource.form), resource.version)
  return { client, prefixes: [prefix], idOf: (key) => key.slice(prefix.length), read, ...shared }
}

function describeDatabase({ client, bucket }: Database): Record<string, JsonValue> {
  const { config } = client
  return {
    bucket: bucket ?? config.bucket ?? '',
    region: config.region ?? '',
    ...(config.keyPrefix === undefined || config.keyPrefix === '' ? {} : { prefix: config.keyPrefix }),
  }
}

/** The place of the database, hashed: a path or a server's name is not for everybody who sees a backup. */
function identityOf({ client }: Database): string {
  const { endpoint = '', bucket = '', keyPrefix = '' } = client.config
  return contentHash(JSON.stringify([endpoint, bucket, keyPrefix]))
}
