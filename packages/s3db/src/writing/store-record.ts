import type { Call, Row } from '@s3db-backup/core'
import { ignoresConditions } from '../client/conditional-writes.js'
import { createObject } from '../client/create-object.js'
import type { OnRefusal } from '../client/in-flight.js'
import { writeObject } from '../client/objects.js'
import type { KeySet } from '../listing/key-set.js'
import { dataKey } from '../listing/keys.js'
import type { StoredObject } from '../stored-form/index.js'
import type { Report } from './outcomes.js'
import {
  deleteReferences,
  hasPartitions,
  type RefusedReference,
  storedReferences,
  writeReferences,
} from './partition-references.js'
import type { PreparedResource } from './prepare-resources.js'
import { noReferences, recordReferences } from './record-references.js'
import type { WriteContext } from './write-context.js'

/** Where the records of a resource are written, and the report about them. */
export interface WritingRecords extends WriteContext {
  /** With `replace`: the references of the records that were written. All others are looked at in the end. */
  readonly written: KeySet | undefined
  readonly report: Report
}

/** A record in the form in which it is stored. */
export interface Storing {
  readonly row: Row
  readonly object: StoredObject
  /** Whether the target listed it. */
  readonly exists: boolean
  readonly refused: OnRefusal
}

/** What became of a record at the target. */
export type Stored = 'restored' | 'replaced' | 'skipped'

/**
 * References first, then the record: once a record exists, a repeated restore skips it, so everything that belongs to
 * it must exist before.
 *
 * With `merge` the references that the earlier record had, and ours has not, go before the record as well: afterwards nothing
 * tells any more which they were, so an interruption would leave them for ever.
 *
 * What was not there when it was listed may be by now, because the application goes on. With `skip` the storage
 * decides, in the write itself. With `merge` it is asked in the same way where the record that is there may have
 * references that ours has not.
 */
export async function storeRecord(
  context: WritingRecords,
  prepared: PreparedResource,
  storing: Storing,
  call: Call,
): Promise<Stored> {
  const { client, mode, written } = context
  const { row, object, exists, refused } = storing
  const { resource } = prepared
  const key = dataKey(prepared.name, row.id)
  const form = prepared.targetForm ?? prepared.form
  const { keys: references, closed } =
    resource === undefined ? noReferences : await recordReferences(resource, form, object, row)
  let stale = exists && mode === 'merge' ? await staleReferences() : []
  const refusedReferences =
    resource === undefined ? [] : await writeReferences(client, resource, references, call, refused)
  const asks = !exists && (mode === 'skip' || (await isAskedInMerge()))
  const creation = asks ? await createObject(client, key, object, call, refused) : 'not asked'
  if (creation === 'exists' && mode === 'skip') {
    await leave()
    return 'skipped'
  }
  if (creation === 'exists') stale = await staleReferences()
  await deleteReferences(client, stale, call)
  if (creation !== 'created') await overwrite()
  for (const reference of references) written?.add(reference)
  tellRefused(context, row.id, refusedReferences)
  for (const partition of closed) context.report.lacks(isClosed(partition), row.id)
  return exists || creation === 'exists' ? 'replaced' : 'restored'

  /** The record that stays because ours was refused is found by its own values again. */
  async function overwrite(): Promise<void> {
    try {
      await writeObject(client, key, object, call, refused)
    } catch (error) {
      if (resource !== undefined && !call.signal.aborted) await writeReferences(client, resource, stale, call)
      throw error
    }
  }

  /** A server that takes no conditions would cost a listing for each record. */
  async function isAskedInMerge(): Promise<boolean> {
    if (mode !== 'merge' || resource === undefined || !hasPartitions(resource)) return false
    return !(await ignoresConditions(client))
  }

  /** The references that the existing record has and ours does not. */
  async function staleReferences(): Promise<string[]> {
    const theirs = await storedReferences(client, prepared, row.id, call)
    if (theirs === undefined) context.report.lacks(notFound, row.id)
    return (theirs ?? noReferences).keys.filter((reference) => !references.includes(reference))
  }

  /** The record of somebody else stays with its own references. */
  async function leave(): Promise<void> {
    const theirs = (await storedReferences(client, prepared, row.id, call)) ?? noReferences
    const ours = references.filter((reference) => !theirs.keys.includes(reference))
    await deleteReferences(client, ours, call)
  }
}

const notFound =
  'the target listed a record and did not find it, so partitions may still list it under its earlier values'

const isClosed = (partition: string): string =>
  `no reference was written for the partition "${partition}", which is by a secret: the passphrase of the target does not open it`

/** The record is stored, but a query by the partition does not find it. */
function tellRefused({ report }: WritingRecords, id: string, refused: readonly RefusedReference[]): void {
  for (const { partition, why } of refused)
    report.lacks(`the storage accepted no reference for the partition "${partition}": ${why}`, id)
}
