import { isDeepStrictEqual } from 'node:util'
import type { Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { askForObject } from '../client/objects.js'
import { versionClient } from '../client/version-client.js'
import { dataKey } from '../listing/keys.js'
import { inOrder } from '../reading/record-reader.js'
import type { ListedVersion } from '../versions/parse-versions.js'
import { versionsOfKey } from '../versions/versions-of-key.js'
import type { UndoStep } from './plan-undo.js'
import { putBack } from './put-back.js'
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
  { today, mend }: Mend,
  call: Call,
): Promise<'ours' | 'theirs' | 'not written'> {
  const key = dataKey(step.resource, step.id)
  const versions = await versionsOfKey(client, key, depth, call)
  const at = versions.findIndex(({ versionId }) => versionId === step.seen)
  if (at === 0) return 'not written'
  if (at === 1) return 'ours'
  // Another client also wrote, or we wrote more than once, as we do to learn whether a server supports conditions.
  const above = versions.slice(0, at < 0 ? undefined : at)
  const wanted = await objectOf(client, key, step.then?.versionId, call)
  const written = wanted && inOrder(today(wanted))
  const isOurs = async ({ versionId, isMarker }: ListedVersion) => {
    const object = isMarker ? undefined : await objectOf(client, key, versionId, call)
    return object !== undefined && isDeepStrictEqual(inOrder(object), written)
  }
  const ours = await Promise.all(above.map(isOurs))
  const theirs = above.find((_, index) => ours[index] === false)
  if (theirs === undefined) return 'ours'
  // If we wrote over it, it becomes the newest version again.
  const [top] = above
  if (top !== undefined && ours[0] === true) await putBack(client, key, { ours: top, theirs }, call)
  await mend(step.id, await versionsSince(client, key, step.seen, call))
  return 'theirs'
}

/** The versions of a key down to the one that the plan saw. */
export async function versionsSince(
  client: Client,
  key: string,
  seen: string,
  call: Call,
): Promise<ListedVersion[]> {
  const versions = await versionsOfKey(client, key, depth, call)
  const at = versions.findIndex(({ versionId }) => versionId === seen)
  return at < 0 ? versions : versions.slice(0, at + 1)
}

async function objectOf(client: Client, key: string, versionId: string | undefined, call: Call) {
  if (versionId === undefined) return undefined
  return (await askForObject(versionClient(client, versionId), key, call)).object
}
