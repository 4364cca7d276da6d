import { BackupError, compareIds, type IndexEntry } from '@s3db-backup/core'
import type { ListedRecord, ListedRecords } from '../listing/steady-listing.js'

/** The state of a record, from a listing and the parent's key index. */
export type Finding =
  /** It has to be read: it is new, or it may have changed since `before`. */
  | { readonly listed: ListedRecord; readonly before: IndexEntry | undefined }
  /** The parent has it and the database has not. */
  | { readonly gone: IndexEntry }

/** The comparison of a page of a listing, or of the rest of the key index. */
export interface Compared {
  readonly findings: readonly Finding[]
  /** Records that were listed. */
  readonly listed: number
  /** Records that are known to be listed later. */
  readonly toCome: number
}

/** Everything that is listed, for a full backup: it all has to be read. */
export async function* withoutIndex(listing: AsyncIterable<ListedRecords>): AsyncGenerator<Compared> {
  for await (const { records, toCome } of listing) {
    const findings = records.map((listed) => ({ listed, before: undefined }))
    yield { findings, listed: records.length, toCome }
  }
}

/**
 * Walks a sorted listing and the parent's sorted key index in parallel. Records whose time is the one in the index are
 * unchanged and are not mentioned. Holds a page of one and a batch of the other.
 *
 * Throws `unsupported` for a listing that is not sorted: skipped records would count as deleted.
 */
export async function* compareListing(
  listing: AsyncIterable<ListedRecords>,
  index: AsyncIterable<readonly IndexEntry[]>,
): AsyncGenerator<Compared> {
  const marks = markCursor(index)
  let last: string | undefined
  try {
    for await (const { records, toCome } of listing) {
      const findings: Finding[] = []
      for (const listed of records) {
        const { id } = listed
        if (last !== undefined && compareIds(last, id) >= 0) throw notSorted(last, id)
        last = id
        let mark = marks.peek() ?? (await marks.load())
        while (mark !== undefined && mark.id !== id && compareIds(mark.id, id) < 0) {
          findings.push({ gone: mark })
          mark = marks.next() ?? (await marks.load())
        }
        if (mark?.id !== id) findings.push({ listed, before: undefined })
        else {
          // A record without a time may have changed at any time.
          if (listed.modified === 0 || mark.modified !== listed.modified)
            findings.push({ listed, before: mark })
          marks.next()
        }
      }
      yield { findings, listed: records.length, toCome }
    }
    for (
      let mark = marks.peek() ?? (await marks.load());
      mark !== undefined;
      mark = marks.next() ?? (await marks.load())
    ) {
      yield { findings: [{ gone: mark }], listed: 0, toCome: 0 }
    }
  } finally {
    await marks.close()
  }
}

function notSorted(before: string, id: string): BackupError {
  return new BackupError(
    'unsupported',
    `The database lists ${JSON.stringify(before)} before ${JSON.stringify(id)}; incremental backups need records in the order of their ids`,
    { suggestion: 'Take full backups of this database.', metadata: { before, id } },
  )
}

interface MarkCursor {
  /** The current mark of the loaded batch. */
  peek(): IndexEntry | undefined
  /** Goes on within the loaded batch. */
  next(): IndexEntry | undefined
  /** Loads the next batch and gives its first mark; nothing at the end. */
  load(): Promise<IndexEntry | undefined>
  /** Lets go of the index, wherever it was left. */
  close(): Promise<unknown>
}

function markCursor(index: AsyncIterable<readonly IndexEntry[]>): MarkCursor {
  const iterator = index[Symbol.asyncIterator]()
  let batch: readonly IndexEntry[] = []
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
    close: () => Promise.resolve(iterator.return?.()),
  }
}
