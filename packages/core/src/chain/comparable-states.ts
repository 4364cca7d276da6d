import { BackupError } from '../errors.js'
import { entryOf } from '../manifest.js'
import type { IndexEntry } from '../ports/source.js'
import { drain } from '../streams/bytes.js'
import { checkedState } from './chain-state.js'
import { readChain } from './read-chain.js'
import { type Link, linksOf } from './read-index.js'
import { contentHash, emptyState } from './state-hash.js'

type State = AsyncIterable<readonly IndexEntry[]>

/**
 * The records of a resource in two chains, with hashes that are equal if and only if the records are: those of the key
 * indexes if both were hashed alike, otherwise new hashes of the records themselves.
 */
export async function comparableStates(
  before: readonly Link[],
  after: readonly Link[],
  resource: string,
): Promise<[State, State]> {
  for (const chain of [before, after]) refuseUnordered(chain, resource)
  const indexes: [State, State] = [provenIndex(before, resource), provenIndex(after, resource)]
  const ways = new Set([...hashingsIn(before, resource), ...hashingsIn(after, resource)])
  if (ways.size <= 1) return indexes
  for (const index of indexes) await drain(index)
  return [readHashes(before, resource), readHashes(after, resource)]
}

function refuseUnordered(chain: readonly Link[], resource: string): void {
  const newest = chain.at(-1)?.manifest
  if (newest === undefined || entryOf(newest, resource)?.ordered !== false) return
  throw new BackupError(
    'unsupported',
    `The records of ${resource} in '${newest.id}' are in no order, so they cannot be compared with others`,
    {
      suggestion:
        'Leave the resource out (exclude), or back it up from a source that gives its ids in order.',
      metadata: { backupId: newest.id, resource },
    },
  )
}

/** How the key indexes of a chain were hashed. An incremental backup may hash differently from its parent. */
function hashingsIn(chain: readonly Link[], resource: string): (string | undefined)[] {
  const entries = linksOf(chain, resource).map(({ manifest }) => entryOf(manifest, resource))
  return entries.flatMap((entry) =>
    entry === undefined || entry.recordCount === 0 ? [] : [entry.contentHash],
  )
}

function provenIndex(chain: readonly Link[], resource: string): State {
  const newest = chain.at(-1)?.manifest
  const entry = newest === undefined ? undefined : entryOf(newest, resource)
  return checkedState(chain, resource, entry?.state.after ?? emptyState, () => {
    return new BackupError(
      'corrupt',
      `The key index of ${resource} in '${newest?.id}' is not that of its state`,
      {
        suggestion: 'verify names the damaged backup of the chain.',
        metadata: { backupId: newest?.id, resource },
      },
    )
  })
}

async function* readHashes(chain: readonly Link[], resource: string): AsyncGenerator<IndexEntry[]> {
  for await (const { rows, raw } of readChain(chain, resource))
    yield rows.map((row) => ({
      id: row.id,
      modified: 0,
      hash: contentHash(canonical([row, raw?.get(row.id)])),
    }))
}

/** JSON with sorted names, so that equal records have equal texts, whatever order their fields came in. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
