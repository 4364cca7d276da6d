import type { Batch, IndexEntry, LostRecord } from '../../ports/source.js'
import type { Watch } from './watch.js'

/**
 * In the place of a second look where the source has none: what it says is gone is believed, except of records that
 * the parent lost. Those were there and could not be read; that they are not listed now proves nothing.
 */
export function unwatched(lostBefore: ReadonlySet<string>): Watch {
  return {
    async *read(batches) {
      for await (const batch of batches) yield lostBefore.size === 0 ? batch : keepLost(batch, lostBefore)
    },
    hold: (batch) => batch,
    async *decide() {
      // Nothing was kept back.
    },
    report: () => undefined,
  }
}

const reason = 'it could not be read before and is not listed now; the storage did not confirm its deletion'

function keepLost(batch: Batch, lostBefore: ReadonlySet<string>): Batch {
  const confirmed = new Set(batch.confirmed)
  const isKept = ({ id }: IndexEntry) => lostBefore.has(id) && !confirmed.has(id)
  const { deleted = [], lost = [] } = batch
  const kept = deleted.filter(isKept).map(({ id }): LostRecord => ({ id, reason }))
  if (kept.length === 0) return batch
  return { ...batch, deleted: deleted.filter((mark) => !isKept(mark)), lost: [...lost, ...kept] }
}
