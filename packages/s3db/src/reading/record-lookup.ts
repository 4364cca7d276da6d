import type { Call } from '@s3db-backup/core'
import type { Client, Database } from '../client/database.js'
import { readObject } from '../client/objects.js'
import { internalPrefixes } from '../listing/internal-resources.js'
import { dataKey } from '../listing/keys.js'
import { formOf, storedForm } from '../stored-form/index.js'
import {
  type Understanding,
  type UnderstoodRecord,
  understandObject,
  understandRecords,
} from './record-reader.js'

export type RecordLookup = (id: string, call: Call) => Promise<UnderstoodRecord | undefined>

/** Reads single records of a resource, also an internal one, by their ids. */
export function recordLookup({ client, resources }: Database, name: string): RecordLookup {
  if (internalPrefixes(name) !== undefined) return lookup(client, (key) => key, understandObject)
  const resource = resources[name]
  if (resource === undefined) return async () => undefined
  const understand = understandRecords(storedForm(formOf(resource)), resource.version)
  return lookup(client, (id) => dataKey(name, id), understand)
}

function lookup(client: Client, keyOf: (id: string) => string, understand: Understanding): RecordLookup {
  return async (id, call) => {
    const object = await readObject(client, keyOf(id), call)
    return object === undefined ? undefined : understand(object, id)
  }
}
