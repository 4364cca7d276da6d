import { type Call, isBackupError, type Row } from '@s3db-backup/core'
import { checkConnected, type Database } from '../client/database.js'
import { inFlight } from '../client/in-flight.js'
import { dataKey, dataPrefix } from '../listing/keys.js'
import { currentDefinitions } from '../reading/definitions.js'
import { objectReads } from '../reading/object-reads.js'
import { understandRecords } from '../reading/record-reader.js'
import { storedForm } from '../stored-form/index.js'
import { versionsOfKey } from './versions-of-key.js'

/** The state of a record from one moment on. */
export interface KeptVersion {
  readonly versionId: string
  /** When it was written or deleted, by the storage's clock. */
  readonly at: Date
  readonly change: 'written' | 'deleted' | 'unreadable'
  /** The record, understood by the definitions of today. */
  readonly row?: Row | undefined
  /** Why it cannot be read. */
  readonly problem?: string | undefined
}

/** How many versions are shown of one record. */
const most = 10_000

/** Every version of a record that the bucket keeps, the oldest first. Nothing for a record that never was. */
export async function recordVersions(
  database: Database,
  resource: string,
  id: string,
  call: Call,
): Promise<KeptVersion[]> {
  checkConnected(database, 'status')
  const key = dataKey(resource, id)
  const definition = (await currentDefinitions(database, call)).get(resource)
  const understand =
    definition === undefined ? undefined : understandRecords(storedForm(definition.form), definition.version)
  const reads = objectReads(database.client, inFlight(8))
  const found: KeptVersion[] = []
  const versions = await versionsOfKey(database.client, key, most, call)
  for (const { versionId, modified, isMarker, bytes } of versions.reverse()) {
    const of = { versionId, at: new Date(modified) }
    if (isMarker) {
      found.push({ ...of, change: 'deleted' })
      continue
    }
    try {
      const object = await reads.read({ key, versionId, bytes }, call)
      if (object === undefined) found.push({ ...of, change: 'unreadable', problem: 'it is gone' })
      else
        found.push({
          ...of,
          change: 'written',
          row: understand?.(object, key.slice(dataPrefix(resource).length)).row,
        })
    } catch (error) {
      if (!isBackupError(error) || error.metadata.wholeStorage !== false) throw error
      found.push({ ...of, change: 'unreadable', problem: error.message })
    }
  }
  return found
}
