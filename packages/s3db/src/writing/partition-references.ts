import { type BackupError, type Call, isBackupError } from '@s3db-backup/core'
import { errorCode } from '../client/client-errors.js'
import type { Client, Resource } from '../client/database.js'
import type { OnRefusal } from '../client/in-flight.js'
import { deleteObject, readObject, writeObject } from '../client/objects.js'
import { dataKey } from '../listing/keys.js'
import type { PreparedResource } from './prepare-resources.js'
import { noReferences, type References, recordReferences } from './record-references.js'

/*
 * Partitions are references: empty objects under keys made of the record's values. They are not backed up but
 * made again from the records, which also mends those that were missing.
 */

export function hasPartitions({ config }: Resource): boolean {
  return Object.keys(config.partitions ?? {}).length > 0
}

/**
 * Writes references and returns those that the storage refuses, such as a value that is longer than a name may be: the
 * source had the record without them. Throws if the storage as a whole fails. `tooMuch` is called when the server had
 * to be asked more than once.
 */
export async function writeReferences(
  client: Client,
  resource: Resource,
  keys: readonly string[],
  call: Call,
  tooMuch?: OnRefusal,
): Promise<RefusedReference[]> {
  const reference = {
    metadata: { _v: String(resource.version) },
    body: new Uint8Array(0),
    contentType: undefined,
  }
  const refused = await Promise.all(
    keys.map(async (key) => {
      try {
        await writeObject(client, key, reference, call, tooMuch)
        return []
      } catch (error) {
        if (!isRefused(error)) throw error
        return [{ key, partition: partitionOf(key), why: whyOf(error) }]
      }
    }),
  )
  return refused.flat()
}

export interface RefusedReference {
  readonly key: string
  readonly partition: string
  /** The storage's own name for it, or its words. */
  readonly why: string
}

/**
 * Whether the storage refused the reference itself. Missing permissions and a full storage are reported by the record.
 */
function isRefused(error: unknown): error is BackupError {
  return isBackupError(error, 'internal') && error.metadata.wholeStorage !== true
}

/** The reason without keys and ids, so that it is the same for all records refused for it. */
function whyOf(error: BackupError): string {
  const code = errorCode(error.cause)
  return code === 'ENAMETOOLONG' || code === 'KeyTooLongError' ? 'its value is too long for a key' : code
}

/** The partition that a reference is in. */
export function partitionOf(key: string): string {
  return /\/partition=([^/]*)\//.exec(key)?.[1] ?? ''
}

export async function deleteReferences(client: Client, keys: readonly string[], call: Call): Promise<void> {
  await Promise.all(
    keys.map(async (key) => {
      try {
        await deleteObject(client, key, call)
      } catch (error) {
        // A reference that cannot be stored does not exist.
        if (!isRefused(error)) throw error
      }
    }),
  )
}

/** The references of a record as the target has it now; `undefined` if it does not find the record. */
export async function storedReferences(
  client: Client,
  prepared: PreparedResource,
  id: string,
  call: Call,
): Promise<References | undefined> {
  const { resource } = prepared
  if (resource === undefined || !hasPartitions(resource)) return noReferences
  const object = await readObject(client, dataKey(prepared.name, id), call)
  if (object === undefined) return undefined
  const form = prepared.targetForm ?? prepared.form
  const row = form.decode(object, id)
  return row === undefined ? noReferences : recordReferences(resource, form, object, row)
}
