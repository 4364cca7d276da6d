import type { IncrementalBase, IndexEntry } from '../../ports/source.js'

/** What an incremental export builds on. */
export interface Base {
  readonly since: IncrementalBase
  /** The state hash and the number of records at the end of the parent's chain. */
  readonly state: string
  readonly totalCount: number
  /** The records that the parent lost, and those of them that its index has an older version of. */
  readonly lost: ReadonlySet<string>
  readonly lostInIndex: ReadonlyMap<string, IndexEntry>
}
