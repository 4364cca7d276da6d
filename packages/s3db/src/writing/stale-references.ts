import type { Call } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import { deleteObject } from '../client/objects.js'
import { isListed } from '../listing/is-listed.js'
import { isIn } from '../listing/key-range.js'
import type { KeySet } from '../listing/key-set.js'
import { dataKey } from '../listing/keys.js'
import { listObjects } from '../listing/listing.js'
import { partitionOf, storedReferences } from './partition-references.js'
import type { PreparedResource } from './prepare-resources.js'
import { noReferences } from './record-references.js'
import type { WriteContext } from './write-context.js'

/**
 * Deletes the references of a resource that no record has: those of replaced or removed records, those of partitions
 * that the definition no longer has, and earlier leftovers. `written` are known to be right; of every other one the
 * record is asked as it lies there now, so that what an application writes meanwhile keeps its own.
 */
export async function removeStaleReferences(
  { client, writes, writesInFlight, range }: WriteContext,
  prepared: PreparedResource,
  written: KeySet,
  call: Call,
): Promise<void> {
  const { name, resource } = prepared
  const partitions = Object.keys(resource?.config.partitions ?? {})
  const defined = partitions.map((partition) => `resource=${name}/partition=${partition}/`)

  const isStale = async (key: string): Promise<boolean> => {
    if (!defined.some((prefix) => key.startsWith(prefix))) return true
    const id = idOf(key)
    if (!(await isListed(client, dataKey(name, id), call))) return true
    const { keys, closed } = (await storedReferences(client, prepared, id, call)) ?? noReferences
    return !keys.includes(key) && !closed.includes(partitionOf(key))
  }

  async function* suspects(): AsyncGenerator<string> {
    for await (const objects of listObjects(client, `resource=${name}/partition=`, call))
      for (const { key } of objects) if (!written.has(key) && isIn(range, idOf(key))) yield key
  }

  const remove = (key: string) =>
    writes.run(async () => {
      if (await isStale(key)) await deleteObject(client, key, call)
    }, call)
  for await (const _ of ordered(suspects(), writesInFlight, remove)) call.signal.throwIfAborted()
}

/** The id of the record that a reference is of. */
function idOf(key: string): string {
  return key.slice(key.lastIndexOf('/id=') + '/id='.length)
}
