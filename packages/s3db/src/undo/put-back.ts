import { isDeepStrictEqual } from 'node:util'
import type { Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { askForObject, deleteObject, readObject, writeObject } from '../client/objects.js'
import { versionClient } from '../client/version-client.js'
import { inOrder } from '../reading/record-reader.js'
import type { ListedVersion } from '../versions/parse-versions.js'
import { versionsOfKey } from '../versions/versions-of-key.js'

/** A version of a key, or a marker that says that it was deleted. */
type Kept = Pick<ListedVersion, 'versionId' | 'isMarker'>

/** How many writers in a row are given the last word. */
const tries = 20

/**
 * Writes what somebody else wrote again, as the newest version, where ours is on top of it. Whoever writes just then has the
 * last word: what lies between ours and that is put on top in its turn.
 */
export async function putBack(
  client: Client,
  key: string,
  { ours, theirs }: { readonly ours: Kept; readonly theirs: Kept },
  call: Call,
): Promise<void> {
  let [below, wanted] = [ours, theirs]
  for (let left = tries; left > 0; left--) {
    await writeAgain(client, key, wanted, call)
    const [newest, next] = await versionsOfKey(client, key, 2, call)
    if (newest === undefined || next === undefined || next.versionId === below.versionId) return
    if (!(await isSame(client, key, newest, wanted, call))) return
    ;[below, wanted] = [newest, next]
  }
}

async function writeAgain(
  client: Client,
  key: string,
  { versionId, isMarker }: Kept,
  call: Call,
): Promise<void> {
  if (isMarker) return deleteObject(client, key, call)
  const object = await readObject(versionClient(client, versionId), key, call)
  if (object !== undefined) await writeObject(client, key, object, call)
}

async function isSame(client: Client, key: string, one: Kept, other: Kept, call: Call): Promise<boolean> {
  if (one.isMarker || other.isMarker) return one.isMarker === other.isMarker
  const [first, second] = await Promise.all(
    [one, other].map(({ versionId }) => askForObject(versionClient(client, versionId), key, call)),
  )
  return (
    first?.object !== undefined &&
    second?.object !== undefined &&
    isDeepStrictEqual(inOrder(first.object), inOrder(second.object))
  )
}
