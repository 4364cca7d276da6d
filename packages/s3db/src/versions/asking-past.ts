import { BackupError, type Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { askForObject } from '../client/objects.js'
import { versionClient } from '../client/version-client.js'
import { otherPageSize } from '../listing/listing.js'
import type { Asking } from '../reading/second-look.js'
import type { Counters } from './counted.js'
import type { Gaps } from './gaps.js'
import type { PastListing } from './past-listing.js'

/**
 * Asks once more for what a listing of the past did not show. `ask` throws `corrupt` for a key of which nobody can tell
 * any more what it was: that key alone is lost.
 */
export function askingPast(
  client: Client,
  listing: PastListing,
  gapsOf: (call: Call) => Promise<Gaps>,
  counters: Counters,
): Asking {
  return {
    async ask(key, call) {
      const found = await listing.key(key, call)
      const [doubt] = found === undefined ? (await gapsOf(call)).doubts : []
      if (doubt !== undefined) throw lostKey(key, doubt)
      if (found === undefined || 'absent' in found) return { object: undefined, requests: 1 }
      if ('lost' in found) throw lostKey(key, found.lost)
      const { versionId } = found.version
      const asked = await askForObject(versionClient(client, versionId), key, call)
      counters.reads += asked.requests
      if (asked.object === undefined) throw lostKey(key, goneVersion(versionId))
      return { ...asked, requests: asked.requests + 1 }
    },
    async *list(prefix, call) {
      for await (const keys of listing.keys(prefix, call, otherPageSize))
        yield { keys: keys.map(({ key }) => key) }
    },
  }
}

/** Why an object that was listed a moment ago is lost: its content cannot be determined any more. */
export function goneVersion(versionId: string | undefined): string {
  return `its version ${versionId} was listed and is gone`
}

function lostKey(key: string, why: string): BackupError {
  return new BackupError('corrupt', `Cannot read ${key} of the database as it was: ${why}`, {
    metadata: { key, wholeStorage: false },
  })
}
