import { compareIds, type Mark } from '@s3db-backup/core'
import type { ListedRecord } from './steady-listing.js'

/** What a listing and the parent's key index say of a record together. */
export type Finding =
  /** It has to be read: it is new, or it may have changed since `before`. */
  | { readonly listed: ListedRecord; readonly before: Mark | undefined }
  /** The parent has it and the database has not. */
  | { readonly gone: Mark }

/**
 * Goes through a sorted listing and the parent's sorted key index side by side. Records that have the time
 * that the index remembers are unchanged and are not mentioned. Holds a page of one and a batch of the other.
 */
export async function* compareListing(
  listing: AsyncIterable<readonly ListedRecord[]>,
  index: AsyncIterable<readonly Mark[]>,
): AsyncGenerator<{ findings: Finding[]; listed: number }> {
  const marks = markCursor(index)
  for await (const page of listing) {
    const findings: Finding[] = []
    for (const listed of page) {
      let mark = marks.peek() ?? (await marks.load())
      while (mark !== undefined && compareIds(mark.id, listed.id) < 0) {
        findings.push({ gone: mark })
        mark = marks.next() ?? (await marks.load())
      }
      if (mark?.id !== listed.id) findings.push({ listed, before: undefined })
      else {
        if (mark.modified !== listed.modified) findings.push({ listed, before: mark })
        marks.next()
      }
    }
    yield { findings, listed: page.length }
  }
  for (
    let mark = marks.peek() ?? (await marks.load());
    mark !== undefined;
    mark = marks.next() ?? (await marks.load())
  ) {
    yield { findings: [{ gone: mark }], listed: 0 }
  }
}

interface MarkCursor {
  /** The current mark of the loaded batch. */
  peek(): Mark | undefined
  /** Goes on within the loaded batch. */
  next(): Mark | undefined
  /** Loads the next batch and gives its first mark; nothing at the end. */
  load(): Promise<Mark | undefined>
}

function markCursor(index: AsyncIterable<readonly Mark[]>): MarkCursor {
  const iterator = index[Symbol.asyncIterator]()
  let batch: readonly Mark[] = []
  let at = 0
  return {
    peek: () => batch[at],
    next() {
      at += 1
      return batch[at]
    },
    async load() {
      do {
        const step = await iterator.next()
        if (step.done === true) return undefined
        batch = step.value
        at = 0
      } while (batch.length === 0)
      return batch[0]
    },
  }
}
