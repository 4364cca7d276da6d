import { compareIds } from '../../format/compare-ids.js'
import type { IndexEntry } from '../../ports/source.js'

/** Records that should be among those that are read, ids ascending. */
export interface ExpectedIds {
  /** The entries up to and including this id that were not requested before; without an id, all remaining ones. */
  upTo(id: string | undefined): AsyncGenerator<IndexEntry>
  close(): Promise<void>
}

/** Walks along records that were there before. */
export function expectedIds(batches: AsyncIterable<readonly IndexEntry[]>): ExpectedIds {
  const iterator = batches[Symbol.asyncIterator]()
  let batch: readonly IndexEntry[] = []
  let next = 0
  let ended = false

  return {
    async *upTo(id) {
      while (!ended) {
        const mark = batch[next]
        if (mark === undefined) {
          const step = await iterator.next()
          ended = step.done === true
          batch = step.done === true ? [] : step.value
          next = 0
        } else {
          if (id !== undefined && compareIds(mark.id, id) > 0) return
          next += 1
          yield mark
        }
      }
    },
    async close() {
      ended = true
      await iterator.return?.()
    },
  }
}
