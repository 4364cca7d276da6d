import { BackupError } from '../../errors.js'
import { compareIds } from '../../format/compare-ids.js'
import type { Batch, IdRange, SecondLook } from '../../ports/source.js'
import type { Span } from '../../read/span.js'

export function isEverything({ after, upTo }: IdRange): boolean {
  return after === undefined && upTo === undefined
}

export function isIn({ after, upTo }: IdRange, id: string): boolean {
  return (
    (after === undefined || compareIds(id, after) > 0) && (upTo === undefined || compareIds(id, upTo) <= 0)
  )
}

/** The same ids with the bounds of a reader: no text is between an id and the same with U+0000 behind it. */
export function toSpan({ after, upTo }: IdRange): Span {
  return {
    from: after === undefined ? undefined : `${after}\u0000`,
    to: upTo === undefined ? undefined : `${upTo}\u0000`,
  }
}

/** How people read a range. */
export function rangeText({ after, upTo }: IdRange): string {
  if (after === undefined && upTo === undefined) return 'all records'
  const from = after === undefined ? '' : `after ${JSON.stringify(after)}`
  const to = upTo === undefined ? '' : `up to ${JSON.stringify(upTo)}`
  return `records ${[from, to].filter((text) => text !== '').join(' ')}`
}

/** The batches. Throws `internal` for an id outside the range: another piece has that record, too. */
export async function* withinRange(
  batches: AsyncIterable<Batch>,
  range: IdRange,
  resource: string,
): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    const { rows, deleted = [], replaced = [], refreshed = [], lost = [] } = batch
    for (const list of [rows, deleted, replaced, refreshed, lost])
      for (const { id } of list) if (!isIn(range, id)) throw outside(id, range, resource)
    yield batch
  }
}

/** The second look of a piece: ids outside its range are ignored. */
export function lookWithin(look: SecondLook | undefined, range: IdRange): SecondLook | undefined {
  if (look === undefined || isEverything(range)) return look
  return {
    ask: (resource, ids, call) => look.ask(resource, ids, call),
    async *list(resource, call) {
      for await (const page of look.list(resource, { ...call, range }))
        yield { ...page, ids: page.ids.filter((id) => isIn(range, id)) }
    },
  }
}

function outside(id: string, range: IdRange, resource: string): BackupError {
  const what = `record ${JSON.stringify(id)} of ${resource}, which is not among the ${rangeText(range)}`
  return new BackupError('internal', `The source was asked for a range and gave ${what}`, {
    metadata: { resource, id },
  })
}
