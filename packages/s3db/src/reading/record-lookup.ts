import type { Call } from '@s3db-backup/core'
import type { Client, Database } from '../client/database.js'
import { readObject } from '../client/objects.js'
import { dataKey, internalPrefixes } from '../listing/keys.js'
import { storedForm } from '../stored-form/index.js'
import { currentDefinitions } from './definitions.js'
import {
  type Understanding,
  type UnderstoodRecord,
  understandObject,
  understandRecords,
} from './record-reader.js'

/** Reads a record of one resource by its id; `undefined` if there is none. */
export type RecordLookup = (id: string, call: Call) => Promise<UnderstoodRecord | undefined>

/**
 * Reads single records by id, of resources and internal resources by name. The currently stored definitions decode
 * them.
 */
export async function recordLookups(
  database: Database,
  call: Call,
): Promise<(resource: string) => RecordLookup> {
  const { client } = database
  const definitions = await currentDefinitions(database, call)
  return (name) => {
    if (internalPrefixes(name) !== undefined) return lookup(client, (key) => key, understandObject)
    const resource = definitions.get(name)
    if (resource === undefined) return async () => undefined
    const understand = understandRecords(storedForm(resource.form), resource.version)
    return lookup(client, (id) => dataKey(name, id), understand)
  }
}

function lookup(client: Client, keyOf: (id: string) => string, understand: Understanding): RecordLookup {
  return async (id, call) => {
    const object = await readObject(client, keyOf(id), call)
    return object === undefined ? undefined : understand(object, id)
  }
}
