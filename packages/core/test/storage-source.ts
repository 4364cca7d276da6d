import { type Batch, compareIds, type IndexEntry, type Row, type Source } from '../src/index.js'
import { contentHash } from '../src/internal.js'
import { info } from './database.js'

/** A record as the storage has it. */
interface StoredRecord {
  readonly row: Row
  /** When it was last written, in ms. */
  readonly modified: number
}

/**
 * A storage that is listed and read as a real one is, and that lies as it is told to. It is the reference for
 * `Source.secondLook`.
 */
export interface Storage extends Source {
  put(id: string, value: unknown): void
  remove(id: string): void
  /** Ids that no first listing shows, though they are there. */
  readonly hidden: Set<string>
  /** The same of the second listing. */
  readonly hiddenAgain: Set<string>
  /** Ids that cannot be read. */
  readonly unreadable: Set<string>
  /** Ids of which the storage does not say whether they are there. */
  readonly silent: Set<string>
  /** Ids of the records that were read, and of those asked for by a second look. */
  readonly reads: string[]
  readonly asked: string[]
  /** How often records were listed a second time. */
  listings: number
}

export function storageSource({ batchSize = 10, pageSize = 1000 } = {}): Storage {
  const stored = new Map<string, StoredRecord>()
  let clock = 1
  const ids = (hidden: ReadonlySet<string>) =>
    [...stored.keys()].filter((id) => !hidden.has(id)).sort(compareIds)

  const storage: Storage = {
    hidden: new Set(),
    hiddenAgain: new Set(),
    unreadable: new Set(),
    silent: new Set(),
    reads: [],
    asked: [],
    listings: 0,
    put(id, value) {
      clock += 1
      stored.set(id, { row: { id, value }, modified: clock })
    },
    remove: (id) => stored.delete(id),

    incremental: true,
    describe: async () => ({ database: { bucket: 'test' }, resources: [info('users')] }),

    async *read(_, { since }) {
      const before = new Map<string, IndexEntry>()
      for await (const marks of since?.index ?? []) for (const mark of marks) before.set(mark.id, mark)
      const listed = ids(storage.hidden)
      const all = [...new Set([...listed, ...before.keys()])].sort(compareIds)
      const shown = new Set(listed)
      for (let from = 0; from < all.length; from += batchSize)
        yield batchOf(all.slice(from, from + batchSize), shown, before)
    },

    secondLook: {
      async ask(_, asked) {
        storage.asked.push(...asked)
        const there = asked.filter((id) => stored.has(id) && !storage.silent.has(id))
        const found = there.filter((id) => !storage.unreadable.has(id)).flatMap((id) => stored.get(id) ?? [])
        return {
          gone: asked.filter((id) => !stored.has(id) && !storage.silent.has(id)),
          found: { rows: found.map(({ row }) => row), marks: found.map(markOf) },
          lost: there
            .filter((id) => storage.unreadable.has(id))
            .map((id) => ({ id, reason: 'AccessDenied' })),
          requests: asked.length,
        }
      },
      async *list() {
        storage.listings += 1
        const again = ids(storage.hiddenAgain)
        for (let from = 0; from < again.length; from += pageSize)
          yield { ids: again.slice(from, from + pageSize), requests: 1 }
      },
    },
  }

  function markOf({ row, modified }: StoredRecord): IndexEntry {
    return { id: row.id, modified, hash: contentHash(JSON.stringify(row)) }
  }

  function batchOf(
    some: readonly string[],
    shown: ReadonlySet<string>,
    before: ReadonlyMap<string, IndexEntry>,
  ): Batch {
    const batch = {
      rows: [] as Row[],
      marks: [] as IndexEntry[],
      replaced: [] as IndexEntry[],
      refreshed: [] as IndexEntry[],
      deleted: [] as IndexEntry[],
      lost: [] as { id: string; reason: string }[],
    }
    for (const id of some) {
      const record = stored.get(id)
      const earlier = before.get(id)
      if (record === undefined || !shown.has(id)) {
        if (earlier !== undefined) batch.deleted.push(earlier)
      } else if (earlier?.modified !== record.modified) {
        storage.reads.push(id)
        const mark = markOf(record)
        if (storage.unreadable.has(id)) batch.lost.push({ id, reason: 'AccessDenied' })
        else if (earlier?.hash === mark.hash) batch.refreshed.push(mark)
        else {
          batch.rows.push(record.row)
          batch.marks.push(mark)
          if (earlier !== undefined) batch.replaced.push(earlier)
        }
      }
    }
    return batch
  }

  return storage
}
