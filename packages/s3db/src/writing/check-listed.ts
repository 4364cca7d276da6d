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

/** The writes that a storage has confirmed. */
export interface Confirmed {
  stored(id: string): void
  removed(id: string): void
  /** Tells of what the storage has confirmed and does not show. */
  check(client: Client, where: Where, report: Report, call: Call): Promise<void>
}

/**
 * Detects a storage that confirms a write and stores nothing, with one more listing: a request per thousand records.
 * Holds no ids, so it reports how many are missing, not which.
 */
export function confirmed(): Confirmed {
  const stored = known()
  const removed = known()
  return {
    stored: (id) => stored.add(id),
    removed: (id) => removed.add(id),
    async check(client, { prefix, range }, report, call) {
      if (stored.size() + removed.size() === 0) return
      const seen = known()
      for await (const keys of listKeys(client, prefix, call, { range })) {
        for (const key of keys) {
          const id = key.slice(prefix.length)
          if (stored.has(id)) seen.add(id)
          else if (removed.has(id)) report.lacks(stillThere, id)
        }
      }
      const missing = stored.size() - seen.size()
      if (missing > 0) report.lacks(notListed(missing, stored.size()))
    },
  }
}

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
