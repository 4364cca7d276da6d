import type { Call } from '@s3db-backup/core'
import type { ListedAs, ListedRecords, StorageClock } from '../listing/steady-listing.js'
import type { RecordReader } from '../reading/record-reader.js'
import { nearness } from './as-of.js'
import { goneVersion } from './asking-past.js'
import type { PastListing, ThereOrLost } from './past-listing.js'

/** Lists the records below a prefix as they were at a moment. */
export function listPastRecords(
  listing: PastListing,
  { idOf, isLeftOut }: ListedAs,
  clock: StorageClock,
  call: Call,
): (prefix: string) => AsyncGenerator<ListedRecords> {
  return async function* (prefix) {
    for await (const keys of listing.keys(prefix, call)) {
      const records = keys.filter(({ key }) => !isLeftOut(key)).map((found) => asRecord(found, idOf, clock))
      yield { records, toCome: 0 }
    }
  }
}

/** Reads a past record. A version that was listed and is not there was removed meanwhile, so it is lost, not absent. */
export function foundOrLost(read: RecordReader): RecordReader {
  return async (listed, call) => {
    const outcome = await read(listed, call)
    return outcome === 'absent' ? { lost: goneVersion(listed.versionId) } : outcome
  }
}

/**
 * The clock of a past moment, in ms since 1970: everything is settled except what is so close to it that the clocks of
 * two servers may disagree.
 */
export function clockAt(time: number): StorageClock {
  return {
    see: () => undefined,
    goOn: () => undefined,
    isSettled: (modified) => modified > 0 && modified < time - nearness,
    cursor: () => ({ newest: time }),
  }
}

const archived = /^(GLACIER|DEEP_ARCHIVE)$/

function asRecord(found: ThereOrLost, idOf: (key: string) => string, clock: StorageClock) {
  const { key } = found
  const id = idOf(key)
  if ('lost' in found) return { id, key, bytes: undefined, modified: 0, remembered: 0, lost: found.lost }
  const { versionId, modified, bytes, storageClass } = found.version
  return {
    id,
    key,
    versionId,
    modified,
    // An object that may be archived is read the ordinary way, which understands a refusal.
    bytes: archived.test(storageClass) ? undefined : bytes,
    remembered: clock.isSettled(modified) ? modified : 0,
  }
}
