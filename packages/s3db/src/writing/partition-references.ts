import type { Call, Row } from '@s3db-backup/core'
import type { Client, Resource } from '../client/database.js'
import { deleteObject, readObject, writeObject } from '../client/objects.js'
import { dataKey } from '../listing/keys.js'
import type { PreparedResource } from './prepare-resources.js'

/*
 * Partitions are references: empty objects under keys made of the record's values. They are not backed up but
 * made again from the records, which also mends those that were missing.
 */

/**
 * The keys of a record's references. s3db.js makes them of the record's values and resolves `..` in them, so that
 * a value can lead out of the partition, and with `file://` out of the database. Such a reference answers no
 * query; it is left out, and nothing is written or deleted there.
 */
export function referenceKeys(resource: Resource, row: Row): string[] {
  return Object.keys(resource.config.partitions ?? {}).flatMap((partitionName) => {
    const key = resource.getPartitionKey({ partitionName, id: row.id, data: row })
    return key?.startsWith(`resource=${resource.name}/partition=${partitionName}/`) === true ? [key] : []
  })
}

export async function writeReferences(
  client: Client,
  resource: Resource,
  keys: readonly string[],
  call: Call,
): Promise<void> {
  const reference = {
    metadata: { _v: String(resource.version) },
    body: new Uint8Array(0),
    contentType: undefined,
  }
  await Promise.all(keys.map((key) => writeObject(client, key, reference, call)))
}

export async function deleteReferences(client: Client, keys: readonly string[], call: Call): Promise<void> {
  await Promise.all(keys.map((key) => deleteObject(client, key, call)))
}

/** The references of a record as the target has it now. */
export async function storedReferences(
  client: Client,
  prepared: PreparedResource,
  id: string,
  call: Call,
): Promise<string[]> {
  const { resource, form, targetForm } = prepared
  if (resource === undefined || Object.keys(resource.config.partitions ?? {}).length === 0) return []
  const object = await readObject(client, dataKey(prepared.name, id), call)
  const row = object === undefined ? undefined : (targetForm ?? form).decode(object, id)
  return row === undefined ? [] : referenceKeys(resource, row)
}
