import type { JsonValue } from '../json.js'
import type { Batch, Row } from '../ports/source.js'

/**
 * The stored forms of rows with nothing but the id. Either the record has no more than that, or what is stored could not be
 * understood when the backup was made: only the target can tell.
 */
export function hiddenForms(
  { rows, raw }: Batch,
  concerns: (row: Row) => boolean,
): ReadonlyMap<string, JsonValue> {
  const hidden = new Map<string, JsonValue>()
  for (const row of rows) {
    const form = Object.keys(row).length === 1 ? raw?.get(row.id) : undefined
    if (form !== undefined && concerns(row)) hidden.set(row.id, form)
  }
  return hidden
}

/** The batch with what was hidden from those who chose and changed its rows. */
export function withHidden(batch: Batch, ...found: readonly ReadonlyMap<string, JsonValue>[]): Batch {
  const hidden = new Map(found.flatMap((forms) => [...forms]))
  return hidden.size === 0 ? batch : { ...batch, hidden }
}
