import { filterBatch, withoutRecords } from '../../filter-batch.js'
import type { RowFilter } from '../../ports/row-filter.js'
import type { Batch, LostRecord, Row } from '../../ports/source.js'

/** The rows that the filter keeps. A record that it cannot judge is lost by name, and the others are kept. */
export function filtered(batch: Batch, filter: RowFilter | undefined, resource: string): Batch {
  if (filter === undefined) return batch
  const lost: LostRecord[] = []
  const kept = new Set<Row>()
  for (const row of batch.rows) {
    const unclear = batch.unclear?.get(row.id)
    if (unclear !== undefined) {
      lost.push({ id: row.id, reason: `the filter cannot judge it: ${unclear}` })
      continue
    }
    try {
      if (filter.keep(row, resource)) kept.add(row)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      lost.push({ id: row.id, reason: `the filter failed: ${why}` })
    }
  }
  if (lost.length === 0) return filterBatch(batch, (row) => kept.has(row))
  const judged = withoutRecords(batch, new Set(lost.map(({ id }) => id)))
  return { ...filterBatch(judged, (row) => kept.has(row)), lost: [...(batch.lost ?? []), ...lost] }
}
