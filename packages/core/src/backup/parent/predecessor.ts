import { readState } from '../../chain/chain-state.js'
import { mergeSorted } from '../../chain/merge-sorted.js'
import { openBackup } from '../../chain/open-backup.js'
import { openChain } from '../../chain/open-chain.js'
import type { Link } from '../../chain/read-index.js'
import { isBackupError } from '../../errors.js'
import { compareIds } from '../../format/compare-ids.js'
import { catalogOf } from '../../inventory/catalog.js'
import { inventory } from '../../inventory/inventory.js'
import { entryOf, type ResourceEntry } from '../../manifest.js'
import type { Call } from '../../ports/driver.js'
import type { IdRange, IndexEntry } from '../../ports/source.js'
import type { Choices, Control, Destination } from '../backup-run.js'
import { isIn } from '../pieces/id-range.js'
import { readCut } from '../pieces/read-cut.js'

/** The newest earlier backup of the series. */
export interface Predecessor {
  readonly newest: Link
  /** All that it needs; nothing if some of that is missing or cannot be opened. */
  readonly chain: readonly Link[] | undefined
}

/**
 * The newest earlier backup of the series, for comparison only: where it, or what it needs, cannot be opened, the new
 * backup is made without.
 */
export async function openPredecessor(
  { driver, codecs, encryption, call, now }: Destination & Choices & Control,
  series: string,
): Promise<Predecessor | undefined> {
  const here = await inventory(driver, { ...call, now })
  const { backups } = await catalogOf(here).list(call)
  const entry = backups.find(({ manifest, datedAhead }) => manifest.set === series && datedAhead !== true)
  if (entry === undefined) return undefined
  const opening = { driver, codecs, encryption, allowPlain: true, operation: 'backup', ...call } as const
  const newest = await ifPossible(openBackup(entry, opening), call)
  if (newest === undefined) return undefined
  return { newest, chain: await ifPossible(openChain({ ...opening, id: entry.id, inventory: here }), call) }
}

async function ifPossible<T>(opening: Promise<T>, call: Call): Promise<T | undefined> {
  try {
    return await opening
  } catch (error) {
    call.signal.throwIfAborted()
    if (isBackupError(error)) return undefined
    throw error
  }
}

/**
 * The records that a resource had at the end of a chain, and those that the last backup lost, ids ascending; nothing
 * if it did not have the resource, or not in order. Given a range, those in it.
 */
export function recordsBefore(
  chain: readonly Link[],
  resource: string,
  range?: IdRange,
): { readonly marks: AsyncIterable<readonly IndexEntry[]>; readonly lost: ReadonlySet<string> } | undefined {
  const manifest = chain.at(-1)?.manifest
  const entry = manifest === undefined ? undefined : entryOf(manifest, resource)
  if (entry === undefined || !entry.ordered) return undefined
  const lost = lostIds(entry, range)
  const state = range === undefined ? readState(chain, resource) : readCut(chain, resource, range)
  return { marks: mergeSorted(inOneBatch(lost), state), lost }
}

export function lostIds({ lost }: ResourceEntry, range: IdRange = {}): ReadonlySet<string> {
  return new Set(lost.map(({ id }) => id).filter((id) => isIn(range, id)))
}

/** Ids without anything that is known of them, ascending. */
export async function* inOneBatch(ids: ReadonlySet<string>): AsyncGenerator<IndexEntry[]> {
  yield [...ids].sort(compareIds).map((id) => ({ id, modified: 0, hash: '' }))
}
