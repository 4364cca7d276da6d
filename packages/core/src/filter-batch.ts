import { compareIds } from './format/compare-ids.js'
import type { Batch, Row } from './ports/source.js'

/**
 * The batch with only the rows that are kept. A record that the parent has and that is not kept any more
 * counts as deleted.
 */
export function filterBatch(batch: Batch, keep: (row: Row) => boolean): Batch {
  const kept = new Set(batch.rows.filter(keep).map(({ id }) => id))
  if (kept.size === batch.rows.length) return batch
  const { replaced = [], deleted = [] } = batch
  const gone = replaced.filter(({ id }) => !kept.has(id))
  return {
    ...batch,
    rows: batch.rows.filter(({ id }) => kept.has(id)),
    ...(batch.raw === undefined ? {} : { raw: new Map([...batch.raw].filter(([id]) => kept.has(id))) }),
    ...(batch.marks === undefined ? {} : { marks: batch.marks.filter(({ id }) => kept.has(id)) }),
    replaced: replaced.filter(({ id }) => kept.has(id)),
    deleted: [...deleted, ...gone].sort((a, b) => compareIds(a.id, b.id)),
  }
}

/** The batch without these ids; the parent's records of these ids stay unchanged. */
export function withoutRecords(batch: Batch, ids: ReadonlySet<string>): Batch {
  const stays = ({ id }: { readonly id: string }) => !ids.has(id)
  return {
    ...batch,
    rows: batch.rows.filter(stays),
    ...(batch.raw === undefined ? {} : { raw: new Map([...batch.raw].filter(([id]) => !ids.has(id))) }),
    ...(batch.marks === undefined ? {} : { marks: batch.marks.filter(stays) }),
    ...(batch.replaced === undefined ? {} : { replaced: batch.replaced.filter(stays) }),
  }
}
