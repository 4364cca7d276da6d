import type { Call } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import type { Database } from '../client/database.js'
import { deleteObject } from '../client/objects.js'
import { dataKey } from '../listing/keys.js'
import { versionsOfKey } from '../versions/versions-of-key.js'
import { deleteReferences, storedReferences } from '../writing/partition-references.js'
import type { UndoStep } from './plan-undo.js'
import { putBack } from './put-back.js'
import { referencesOf } from './references.js'
import { atOnce, type Gathered } from './report.js'
import { depth, versionsSince } from './who-wrote-last.js'

/** Removes records that were not there at the moment, with the references that partitions have of them. */
export async function removeCreated(
  database: Database,
  name: string,
  steps: readonly UndoStep[],
  gathered: Gathered,
  call: Call,
): Promise<void> {
  const created = steps.filter(({ change }) => change === 'created')
  if (created.length === 0) return
  const { client } = database
  const { prepared, mend } = await referencesOf(database, name, undefined, call)
  const work = async ({ id, seen }: UndoStep) => {
    const key = dataKey(name, id)
    const [newest] = await versionsOfKey(client, key, 1, call)
    if (newest?.versionId !== seen) return { id, outcome: 'theirs' as const }
    // References first: if the undo is killed in between and repeated, it finds the record and continues.
    const references = prepared && (await storedReferences(client, prepared, id, call))
    await deleteReferences(client, references?.keys ?? [], call)
    await deleteObject(client, key, call)
    const versions = await versionsOfKey(client, key, depth, call)
    const at = versions.findIndex(({ versionId }) => versionId === seen)
    const [top, next] = versions
    if (at === 1 && top?.isMarker === true) return { id, outcome: 'ours' as const }
    if (top?.isMarker === true && next !== undefined)
      await putBack(client, key, { ours: top, theirs: next }, call)
    await mend(id, await versionsSince(client, key, seen, call))
    return { id, outcome: 'theirs' as const }
  }
  for await (const { id, outcome } of ordered(created, atOnce, work))
    (outcome === 'ours' ? gathered.removed : gathered.changedMeanwhile).push(id)
}
