import type { Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { readObject } from '../client/objects.js'
import { versionClient } from '../client/version-client.js'
import { dataKey } from '../listing/keys.js'
import type { StoredForm } from '../stored-form/index.js'
import type { ListedVersion } from '../versions/parse-versions.js'
import {
  deleteReferences,
  partitionOf,
  storedReferences,
  writeReferences,
} from '../writing/partition-references.js'
import type { PreparedResource } from '../writing/prepare-resources.js'
import { noReferences, recordReferences } from '../writing/record-references.js'

/**
 * If an undo and another client wrote a record at the same time, each removed or left references without knowing of the
 * other. Makes them match the current record: references of these versions that the record does not have are removed,
 * and those that it has are created. `forms` are all forms in which the versions may have been stored.
 */
export async function mendReferences(
  client: Client,
  prepared: PreparedResource,
  {
    id,
    versions,
    forms,
  }: {
    readonly id: string
    readonly versions: readonly ListedVersion[]
    readonly forms: readonly StoredForm[]
  },
  call: Call,
): Promise<void> {
  const { resource, name } = prepared
  if (resource === undefined) return
  const ever = new Set<string>()
  for (const { versionId, isMarker } of versions) {
    if (isMarker) continue
    const object = await readObject(versionClient(client, versionId), dataKey(name, id), call)
    if (object === undefined) continue
    for (const form of forms) {
      const row = form.decode(object, id)
      if (row === undefined) continue
      for (const key of (await recordReferences(resource, form, object, row)).keys) ever.add(key)
    }
  }
  const { keys: now, closed } = (await storedReferences(client, prepared, id, call)) ?? noReferences
  // What the record has in a partition that cannot be opened is unknown, so everything there stays.
  const stale = [...ever].filter((key) => !now.includes(key) && !closed.includes(partitionOf(key)))
  await deleteReferences(client, stale, call)
  await writeReferences(client, resource, now, call)
}
