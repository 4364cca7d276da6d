import type { ObjectReads } from '../reading/object-reads.js'

/** The cost of reading a past database so far. */
export interface Counted {
  /** Versions and delete markers that were listed of records, counters and data of plugins. */
  readonly entries: number
  /** How many of them lie within two seconds of the moment: there the storage's clock decides. */
  readonly near: number
  /** Requests for a listing. */
  readonly pages: number
  /** All other requests: one for each object, and those for what the bucket says of itself. */
  readonly reads: number
}

/** The counters behind it. */
export type Counters = { -readonly [Name in keyof Counted]: Counted[Name] }

/** Reads that are counted. */
export function countingReads(reads: ObjectReads, counters: Counters): ObjectReads {
  return {
    read(listed, call) {
      counters.reads += 1
      return reads.read(listed, call)
    },
  }
}
