import { compareIds } from '../../format/compare-ids.js'
import type { JsonValue } from '../../json.js'
import type { Batch, IndexEntry, LostRecord, Row, RowIndexEntry } from '../../ports/source.js'
import { recordHash } from '../export/batch-lines.js'
import type { Answer } from './ask-storage.js'

/** A record that was missed, and the parent's entry of it, if the backup builds on one that has it. */
export interface Missing {
  readonly id: string
  readonly before: IndexEntry | undefined
}

/** What the answers about missing records add to a batch. */
export interface Additions {
  readonly rows: {
    readonly row: Row
    readonly raw: JsonValue | undefined
    readonly mark: RowIndexEntry | undefined
  }[]
  readonly deleted: IndexEntry[]
  readonly replaced: IndexEntry[]
  readonly refreshed: IndexEntry[]
  readonly lost: LostRecord[]
}

export function noAdditions(): Additions {
  return { rows: [], deleted: [], replaced: [], refreshed: [], lost: [] }
}

/** Notes what the storage said of a missing record. */
export function addAnswer(additions: Additions, { id, before }: Missing, answer: Answer): void {
  if (answer.is === 'gone') {
    if (before !== undefined) additions.deleted.push(before)
    return
  }
  if (answer.is === 'lost') {
    additions.lost.push({ id, reason: answer.reason })
    return
  }
  const { row, raw, mark } = answer
  if (before !== undefined) {
    const { modified = 0, hash = recordHash(row, raw) ?? '' } = mark ?? {}
    const now = { id, modified, hash }
    if (now.hash === before.hash) {
      if (now.modified !== before.modified) additions.refreshed.push(now)
      return
    }
    additions.replaced.push(before)
  }
  additions.rows.push({ row, raw, mark })
}

/** The batch with what was found, in the order of ids, and with these deletions only. */
export function withAdditions(batch: Batch, additions: Additions, confirmed: readonly IndexEntry[]): Batch {
  const { rows, deleted, replaced, refreshed, lost } = additions
  return {
    ...batch,
    ...(rows.length === 0 ? {} : mergeRows(batch, rows)),
    deleted: inOrder([...confirmed, ...deleted]),
    replaced: inOrder([...(batch.replaced ?? []), ...replaced]),
    refreshed: inOrder([...(batch.refreshed ?? []), ...refreshed]),
    lost: inOrder([...(batch.lost ?? []), ...lost]),
  }
}

function mergeRows(batch: Batch, found: Additions['rows']): Pick<Batch, 'rows' | 'raw' | 'marks'> {
  const given = batch.rows.map((row, i) => ({ row, raw: batch.raw?.get(row.id), mark: batch.marks?.[i] }))
  const all = [...given, ...found].sort((a, b) => compareIds(a.row.id, b.row.id))
  const raw = new Map(batch.raw)
  for (const item of found) if (item.raw !== undefined) raw.set(item.row.id, item.raw)
  const someMarked = all.some(({ mark }) => mark !== undefined)
  return {
    rows: all.map(({ row }) => row),
    raw,
    ...(someMarked ? { marks: all.map(({ row, mark }) => mark ?? { id: row.id, modified: 0 }) } : {}),
  }
}

function inOrder<T extends { readonly id: string }>(records: readonly T[]): T[] {
  return records.toSorted((a, b) => compareIds(a.id, b.id))
}
