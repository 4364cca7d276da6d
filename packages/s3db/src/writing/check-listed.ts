import type { Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import type { KeyRange } from '../listing/key-range.js'
import { type KeySet, keySet } from '../listing/key-set.js'
import { listKeys } from '../listing/listing.js'
import type { Report } from './outcomes.js'

/** The keys to list. */
interface Where {
  readonly prefix: string
  readonly range: KeyRange | undefined
}

/** What a storage has confirmed. */
export interface Confirmed {
  stored(id: string): void
  /** It has a record that it did not list before. */
  found(id: string): void
  removed(id: string): void
  /** Tells of what the storage has confirmed and does not show. */
  check(client: Client, where: Where, report: Report, call: Call): Promise<void>
}

/**
 * Detects a storage that confirms a write and stores nothing, or that takes two ids for one, with one more listing: a
 * request per thousand records. Of what it stored it holds no ids, so it reports how many are missing, not which.
 */
export function confirmed(): Confirmed {
  const stored = known()
  const found = new Set<string>()
  const removed = known()
  return {
    stored: (id) => stored.add(id),
    found: (id) => found.add(id),
    removed: (id) => removed.add(id),
    async check(client, { prefix, range }, report, call) {
      if (stored.size() + found.size + removed.size() === 0) return
      const seen = known()
      for await (const keys of listKeys(client, prefix, call, { range })) {
        for (const key of keys) {
          const id = key.slice(prefix.length)
          found.delete(id)
          if (stored.has(id)) seen.add(id)
          else if (removed.has(id)) report.lacks(stillThere, id)
        }
      }
      for (const id of found) report.misses(foundNotListed, id)
      const missing = stored.size() - seen.size()
      if (missing > 0) report.misses(notListed(missing, stored.size()), missing)
    },
  }
}

/** A disk may ignore upper and lower case, or the form of a letter with an accent; what it has is another record. */
export const foundNotListed =
  'it was not written: the storage says that it exists, and does not list it. It may take this name for that of another record, or somebody has deleted it since'

const stillThere = 'the storage confirmed that it was deleted, and still lists it'

function notListed(missing: number, stored: number): string {
  return `of ${stored} records that the storage confirmed, ${missing} are not listed: it did not keep them, or somebody has deleted them since`
}

/** Keys with their number. */
function known(): KeySet & { size(): number } {
  const keys = keySet()
  let size = 0
  return {
    has: keys.has,
    size: () => size,
    add(key) {
      const isNew = keys.add(key)
      if (isNew) size += 1
      return isNew
    },
  }
}
