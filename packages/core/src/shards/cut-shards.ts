import { compareIds } from '../format/compare-ids.js'
import type { Border } from './borders.js'
import type { PlannedPiece } from './shard-plan.js'

/** A resource and where it may be cut. */
export interface Cuttable {
  readonly resource: string
  readonly borders: readonly Border[]
}

/**
 * Cuts resources into a number of shards with about the same number of records each. Small resources share a shard;
 * every id of every resource, even a new one, is in one piece. If there is less to read, the last are empty: an engine
 * gets the number beforehand.
 */
export function cutShards(
  resources: readonly Cuttable[],
  internal: readonly string[],
  most: number,
): PlannedPiece[][] {
  const total = resources.reduce((sum, { borders }) => sum + countOf(borders), 0)
  const target = Math.max(1, Math.ceil(total / most))
  const shards: PlannedPiece[][] = [[]]
  let filled = 0
  const add = (piece: PlannedPiece) => {
    // A slightly larger shard is better than another one with almost nothing.
    if (filled >= target && shards.length < most) {
      shards.push([])
      filled = 0
    }
    shards.at(-1)?.push(piece)
    filled += piece.expected
  }
  for (const { resource, borders } of resources) {
    const room = () => (filled >= target ? target : target - filled)
    let after: string | undefined
    let held = 0
    for (const { id, records } of borders.slice(0, -1)) {
      held += records
      const moves = after === undefined || compareIds(id, after) > 0
      if (held < room() || !moves || shards.length === most) continue
      add({ resource, range: rangeOf(after, id), first: after === undefined, expected: held })
      after = id
      held = 0
    }
    const rest = held + (borders.at(-1)?.records ?? 0)
    add({ resource, range: rangeOf(after, undefined), first: after === undefined, expected: rest })
  }
  for (const [at, resource] of internal.entries())
    shards[at % shards.length]?.push({ resource, range: {}, first: true, expected: 0 })
  while (shards.length < most) shards.push([])
  return shards
}

function countOf(borders: readonly Border[]): number {
  return borders.reduce((sum, { records }) => sum + records, 0)
}

function rangeOf(after: string | undefined, upTo: string | undefined) {
  return { ...(after === undefined ? {} : { after }), ...(upTo === undefined ? {} : { upTo }) }
}
