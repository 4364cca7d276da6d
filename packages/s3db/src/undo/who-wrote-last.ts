import { isDeepStrictEqual } from 'node:util'
import type { Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { askForObject, deleteObject, readObject, writeObject } from '../client/objects.js'
import { versionClient } from '../client/version-client.js'
import { dataKey } from '../listing/keys.js'
import { inOrder } from '../reading/record-reader.js'
import { versionsOfKey } from '../versions/versions-of-key.js'
import type { UndoStep } from './plan-undo.js'
import type { Mend } from './references.js'

/** How many newer versions are searched for the one that the plan saw. */
export const depth = 100

/**
 * Who wrote the newest version of a record after we wrote it. Another client's version written meanwhile is put back on
 * top.
 */
export async function outcomeOf(
  client: Client,
  step: UndoStep,
  mend: Mend,
  call: Call,
): Promise<'ours' | 'theirs' | 'not written'> {
  const key = dataKey(step.resource, step.id)
  const versions = await versionsOfKey(client, key, depth, call)
  const at = versions.findIndex(({ versionId }) => versionId === step.seen)
  if (at === 0) return 'not written'
  if (at === 1) return 'ours'
  // Another client also wrote, or we wrote more than once, as we do to learn whether a server supports conditions.
  const above = versions.slice(0, at < 0 ? undefined : at)
  const ours = await Promise.all(
    above.map(async ({ versionId, isMarker }) => !isMarker && isOurs(client, key, versionId, step, call)),
  )
  const theirs = above.find((_, index) => ours[index] === false)
  if (theirs === undefined) return 'ours'
  // If theirs was written before ours, it is put back on top.
  if (ours[0] === true) await putBack(client, key, theirs, call)
  await mend.mend(step.id, at < 0 ? versions : versions.slice(0, at + 1))
  return 'theirs'
}

async function isOurs(
  client: Client,
  key: string,
  versionId: string,
  { then }: UndoStep,
  call: Call,
): Promise<boolean> {
  if (then === undefined) return false
  const [one, other] = await Promise.all(
    [versionId, then.versionId].map((id) => askForObject(versionClient(client, id), key, call)),
  )
  return (
    one?.object !== undefined &&
    other?.object !== undefined &&
    isDeepStrictEqual(inOrder(one.object), inOrder(other.object))
  )
}

/** Writes a version again, as the newest one. */
export async function putBack(
  client: Client,
  key: string,
  { versionId, isMarker }: { readonly versionId: string; readonly isMarker: boolean },
  call: Call,
): Promise<void> {
  if (isMarker) return deleteObject(client, key, call)
  const object = await readObject(versionClient(client, versionId), key, call)
  if (object !== undefined) await writeObject(client, key, object, call)
}
