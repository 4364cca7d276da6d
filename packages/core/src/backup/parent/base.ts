import { checkedState } from '../../chain/chain-state.js'
import type { Link } from '../../chain/read-index.js'
import { sameShape } from '../../chain/same-shape.js'
import { emptyState, stateHash } from '../../chain/state-hash.js'
import { BackupError } from '../../errors.js'
import { entryOf, type ResourceEntry } from '../../manifest.js'
import type { IdRange, IncrementalBase, IndexEntry, ResourceInfo } from '../../ports/source.js'
import { readCut } from '../pieces/read-cut.js'
import { lostIds } from './predecessor.js'

/** What an incremental export builds on. */
export interface Base {
  readonly since: IncrementalBase
  /** The state hash and the number of records at the end of the parent's chain. */
  readonly state: string
  readonly totalCount: number
  /** The records that the parent lost, and those of them that its index has an older version of. */
  readonly lost: ReadonlySet<string>
  readonly lostInIndex: ReadonlyMap<string, IndexEntry>
}

/**
 * The chain's state of a resource, for the source to compare with; `undefined` if the resource is new or its records
 * are stored differently now, so that it must be exported completely.
 */
export function baseOf(chain: readonly Link[], info: ResourceInfo): Base | undefined {
  const entry = baseEntry(chain, info)
  if (entry === undefined) return undefined
  const { after } = entry.state
  const index = checkedState(chain, info.name, after, () => notThatState(info.name))
  const lost = lostIds(entry)
  const lostInIndex = new Map<string, IndexEntry>()
  const again = { lost, lostInIndex, all: (entry.lostWithoutId?.length ?? 0) > 0 }
  const since = { index: readAgain(index, again), cursor: entry.cursor }
  return { since, state: after, totalCount: entry.totalCount, lost, lostInIndex }
}

/**
 * The same for the records in a range. Sums start at zero, so that the sums of all pieces add up to those of the
 * resource; `state` returns the sum of the range once it was read to its end.
 */
export function baseOfPiece(
  chain: readonly Link[],
  info: ResourceInfo,
  range: IdRange,
): { readonly base: Base; readonly state: () => string } | undefined {
  const entry = baseEntry(chain, info)
  if (entry === undefined) return undefined
  const seen = stateHash()
  const lost = lostIds(entry, range)
  const lostInIndex = new Map<string, IndexEntry>()
  const again = { lost, lostInIndex, all: (entry.lostWithoutId?.length ?? 0) > 0 }
  const index = summed(readCut(chain, info.name, range), seen)
  const since = { index: readAgain(index, again), cursor: entry.cursor }
  return { base: { since, state: emptyState, totalCount: 0, lost, lostInIndex }, state: seen.value }
}

/** The newest backup's entry of a resource; `undefined` if current records cannot be merged with its records. */
export function baseEntry(chain: readonly Link[], info: ResourceInfo): ResourceEntry | undefined {
  const manifest = chain.at(-1)?.manifest
  const entry = manifest === undefined ? undefined : entryOf(manifest, info.name)
  return entry === undefined || !entry.ordered || !sameShape(entry, info) ? undefined : entry
}

async function* summed(
  index: AsyncIterable<readonly IndexEntry[]>,
  seen: ReturnType<typeof stateHash>,
): AsyncGenerator<readonly IndexEntry[]> {
  for await (const marks of index) {
    for (const { id, hash } of marks) seen.add(id, hash)
    yield marks
  }
}

/**
 * The key index with the times of the records that the parent lost set to 0, so that the source reads them again; all
 * times, if the parent does not know which records it lost. Collects the entries of the lost ones.
 */
async function* readAgain(
  index: AsyncIterable<readonly IndexEntry[]>,
  { lost, lostInIndex, all }: Pick<Base, 'lost'> & { lostInIndex: Map<string, IndexEntry>; all: boolean },
): AsyncGenerator<readonly IndexEntry[]> {
  for await (const marks of index) {
    yield !all && lost.size === 0
      ? marks
      : marks.map((mark) => {
          const wasLost = lost.has(mark.id)
          if (wasLost) lostInIndex.set(mark.id, mark)
          return all || wasLost ? { ...mark, modified: 0 } : mark
        })
  }
}

function notThatState(resource: string): BackupError {
  return new BackupError('corrupt', `The key index of ${resource} is not that of the parent's state`, {
    suggestion: 'Take a full backup; verify names the damaged backup of the chain.',
    metadata: { resource },
  })
}
