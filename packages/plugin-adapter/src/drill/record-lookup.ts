import type { Call, JsonValue, Row } from '@s3db-backup/core'
import type { Database } from '../database.js'
import { internalPrefixes } from '../internal.js'
import { dataKey } from '../keys.js'
import { readObject } from '../objects.js'
import { toRaw } from '../raw-object.js'
import { formOf, storedForm } from '../stored-form/index.js'

/** A record as a backup has it: its row, and its raw form where the row alone does not give it back. */
export interface FoundRecord {
  readonly row: Row
  readonly raw: JsonValue | undefined
}

export type RecordLookup = (id: string, call: Call) => Promise<FoundRecord | undefined>

/** Reads single records of a resource, also an internal one, by their ids. */
export function recordLookup({ client, resources }: Database, name: string): RecordLookup {
  if (internalPrefixes(name) !== undefined) {
    return async (key, call) => {
      const object = await readObject(client, key, call)
      return object === undefined ? undefined : { row: { id: key }, raw: toRaw(object) }
    }
  }
  const resource = resources[name]
  if (resource === undefined) return async () => undefined
  const form = storedForm(formOf(resource))
  return async (id, call) => {
    const object = await readObject(client, dataKey(name, id), call)
    if (object === undefined) return undefined
    const row = form.decode(object, id)
    const exact = row !== undefined && object.metadata._v === resource.version && form.reproduces(object, row)
    return { row: row ?? { id }, raw: exact ? undefined : toRaw(object) }
  }
}
