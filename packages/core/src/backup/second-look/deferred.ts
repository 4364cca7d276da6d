import type { IndexEntry } from '../../ports/source.js'

/** A record that is missing, and whether it is sure already that it is gone. */
export interface DeferredMark extends IndexEntry {
  readonly sure: boolean
}

/** Missing records that are decided upon once their resource was read, ids ascending. */
export interface Deferred {
  add(marks: readonly DeferredMark[]): void
  count(): number
  /** All of them, in the order in which they came. May be read more than once. */
  batches(): Generator<DeferredMark[]>
}

/** Entries in one block of bytes. */
const blockSize = 1_000

/**
 * Keeps missing records as bytes, some 50 each: a purge of half a million sessions is some 25 MB, where the same as
 * objects would be five times that.
 */
export function deferred(): Deferred {
  const blocks: Buffer[] = []
  let open: [string, string, number][] = []
  let total = 0

  return {
    add(marks) {
      for (const { id, hash, sure } of marks) open.push([id, hash, sure ? 1 : 0])
      total += marks.length
      if (open.length < blockSize) return
      blocks.push(Buffer.from(JSON.stringify(open)))
      open = []
    },
    count: () => total,
    *batches() {
      for (const block of blocks) yield toMarks(JSON.parse(block.toString('utf8')))
      if (open.length > 0) yield toMarks(open)
    },
  }
}

function toMarks(entries: readonly [string, string, number][]): DeferredMark[] {
  return entries.map(([id, hash, sure]) => ({ id, modified: 0, hash, sure: sure === 1 }))
}
