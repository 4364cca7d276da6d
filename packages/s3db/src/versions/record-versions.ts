import { type Call, isBackupError, type Row } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import { checkConnected, type Database } from '../client/database.js'
import { inFlight } from '../client/in-flight.js'
import { dataKey } from '../listing/keys.js'
import { currentDefinitions } from '../reading/definitions.js'
import { objectReads } from '../reading/object-reads.js'
import { understandRecords, understoodOrLost } from '../reading/record-reader.js'
import { storedForm } from '../stored-form/index.js'
import type { ListedVersion } from './parse-versions.js'
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

/** The most versions that are given of one record: the newest. */
export const mostVersions = 10_000

const atOnce = 32

/**
 * Every version of a record that the bucket keeps, at most the newest 10,000 ({@link mostVersions}), the oldest first.
 * Nothing for a record that never was.
 */
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
  const reads = objectReads(database.client, inFlight(atOnce))
  const read = async ({ versionId, modified, isMarker, bytes }: ListedVersion): Promise<KeptVersion> => {
    const of = { versionId, at: new Date(modified) }
    if (isMarker) return { ...of, change: 'deleted' }
    try {
      const object = await reads.read({ key, versionId, bytes }, call)
      if (object === undefined) return { ...of, change: 'unreadable', problem: 'it is gone' }
      if (understand === undefined) return { ...of, change: 'written' }
      const record = understoodOrLost(object, id, understand)
      if ('lost' in record) return { ...of, change: 'unreadable', problem: record.lost }
      return { ...of, change: 'written', row: record.row }
    } catch (error) {
      if (!isBackupError(error) || error.metadata.wholeStorage !== false) throw error
      return { ...of, change: 'unreadable', problem: error.message }
    }
  }
  const versions = await versionsOfKey(database.client, key, mostVersions, call)
  const found: KeptVersion[] = []
  for await (const version of ordered(versions.reverse(), atOnce, read)) found.push(version)
  return found
}
