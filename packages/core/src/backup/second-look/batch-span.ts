import { compareIds } from '../../format/compare-ids.js'
import type { Batch } from '../../ports/source.js'

/** The changes in a batch, ordered by id. */
export interface BatchSpan {
  /** Every id that the batch has something to say about. */
  readonly ids: ReadonlySet<string>
  readonly first: string | undefined
  readonly last: string | undefined
  /** Whether each of the batch's lists ascends. */
  readonly ascends: boolean
}

export function spanOf({ rows, deleted = [], refreshed = [], lost = [] }: Batch): BatchSpan {
  const ids = new Set<string>()
  const ends: string[] = []
  let ascends = true
  for (const list of [rows, deleted, refreshed, lost]) {
    let last: string | undefined
    for (const { id } of list) {
      if (last !== undefined && compareIds(last, id) > 0) ascends = false
      last = id
      ids.add(id)
    }
    if (last !== undefined) ends.push(list[0]?.id ?? last, last)
  }
  ends.sort(compareIds)
  return { ids, first: ends[0], last: ends.at(-1), ascends }
}
