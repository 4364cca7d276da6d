import { compareIds } from '@s3db-backup/core'

/** The keys of a listing so far, in memory that does not grow. */
export interface Seen {
  /** False for a key that was there before. */
  add(key: string): boolean
  /** How many there were. */
  readonly count: number
  /** The last one, and whether all came in the order of their bytes: then nothing before it is still to come. */
  readonly last: string | undefined
  readonly ascending: boolean
}

/** Repetitions are of one page or of two that overlap; these are twenty. */
const remembered = 20_000

export function seenKeys(): Seen {
  const recent = new Set<string>()
  let count = 0
  let last: string | undefined
  let ascending = true
  return {
    add(key) {
      if (recent.has(key)) return false
      if (last !== undefined && compareIds(last, key) > 0) ascending = false
      recent.add(key)
      if (recent.size > remembered) forgetOldest(recent)
      count += 1
      last = key
      return true
    },
    get count() {
      return count
    },
    get last() {
      return last
    },
    get ascending() {
      return ascending
    },
  }
}

function forgetOldest(keys: Set<string>): void {
  const [oldest] = keys
  if (oldest !== undefined) keys.delete(oldest)
}
