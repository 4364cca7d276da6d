import { checkedState } from '../../chain/chain-state.js'
import { openChain } from '../../chain/open-chain.js'
import type { Link } from '../../chain/read-index.js'
import { sameShape } from '../../chain/same-shape.js'
import { emptyState, stateHash } from '../../chain/state-hash.js'
import { BackupError, isBackupError } from '../../errors.js'
import { type CatalogEntry, catalogOf } from '../../inventory/catalog.js'
import { type Inventory, inventory } from '../../inventory/inventory.js'
import { isFinished } from '../../inventory/inventory-entry.js'
import { entryOf, type ResourceEntry } from '../../manifest.js'
import type { IdRange, IndexEntry, ResourceInfo } from '../../ports/source.js'
import type { Choices, Run } from '../backup-run.js'
import { readCut } from '../pieces/read-cut.js'
import type { Base } from './base.js'
import { lostIds } from './predecessor.js'

/**
 * The chain that an incremental backup continues, the full backup first; `undefined` for a full backup.
 *
 * Throws `unsupported` for a source that cannot tell what changed; `not_found` if there is no parent of the same series
 * and `conflict` if the chain has its maximum length, unless a full backup is allowed instead; `broken_chain` if an
 * ancestor of the parent is missing.
 */
export async function chooseParent(run: Run, series: string): Promise<Link[] | undefined> {
  if (run.incremental === undefined) return undefined
  if (run.source.incremental !== true) throw notIncremental()
  const { maxChain, fullIfNeeded } = run.incremental
  const { driver, codecs, encryption } = run
  const here = await inventory(driver, { ...run.call, now: run.now })
  const { backups } = await catalogOf(here).list(run.call)
  const parent = pickParent(backups, run, series)
  if (parent === undefined) {
    const allowed = fullIfNeeded === true || (fullIfNeeded === 'first' && (await isFirst(here, run, series)))
    return allowed ? undefined : refuse(noParent(run))
  }
  const opening = { driver, id: parent.id, codecs, encryption, operation: 'backup', ...run.call } as const
  const chain = await openChain({ ...opening, inventory: here }).catch((error: unknown) => {
    // An ancestor may be removed while the manifests are read; then its children are gone too, so the chain is read
    // again.
    if (isBackupError(error, 'broken_chain')) return openChain(opening)
    throw error
  })
  if (chain.length >= maxChain) return fullIfNeeded === true ? undefined : refuse(tooLong(parent, maxChain))
  return chain
}

/**
 * Whether this is the first backup of its series. A damaged, deleted, running or abandoned backup may belong to the
 * series without showing it; a failed one left nothing behind.
 */
async function isFirst(here: Inventory, { incremental, call, id }: Run, series: string): Promise<boolean> {
  if (incremental?.since !== undefined) return false
  // The directory of this backup already holds its own start note.
  const entries = await here.entries({ where: (stored) => stored.id !== id, ...call })
  return entries.every(
    (entry) => entry.state === 'failed' || (isFinished(entry) && entry.manifest.set !== series),
  )
}

/**
 * The newest backup of the series made at or before the given time; a backup dated ahead only if it is given by its id.
 * It may be incomplete: its lost records are read again. Encrypted backups continue encrypted ones, plain ones plain
 * ones.
 */
function pickParent(
  newestFirst: readonly CatalogEntry[],
  { incremental, encryption }: Choices,
  series: string,
): CatalogEntry | undefined {
  const since = incremental?.since
  const fitting = newestFirst.filter(
    ({ manifest }) => (manifest.encryption === undefined) === (encryption === undefined),
  )
  if (typeof since === 'string') {
    const named = fitting.find(({ id }) => id === since)
    if (named !== undefined && named.manifest.set !== series) throw otherSet(named)
    return named
  }
  const latest = since?.getTime() ?? Number.POSITIVE_INFINITY
  return fitting.find(
    ({ manifest, datedAhead }) =>
      manifest.set === series && datedAhead !== true && Date.parse(manifest.exportedAt) <= latest,
  )
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

/** The newest backup's entry of a resource, if current records can be merged with its records. */
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
 * The key index, in which records that the parent lost have no time, so that they are read again; if it does not
 * know which it lost, none has. Notes the entries of the lost ones.
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

function refuse(error: BackupError): never {
  throw error
}

function notIncremental(): BackupError {
  return new BackupError('unsupported', 'This source cannot tell what changed since an earlier backup', {
    suggestion: 'Take a full backup.',
  })
}

function noParent({ incremental }: Choices): BackupError {
  const since = incremental?.since
  const which =
    since === undefined
      ? ''
      : since instanceof Date
        ? ` made by ${since.toISOString()}`
        : ` with the id '${since}'`
  return new BackupError(
    'not_found',
    `There is no backup of this database and selection${which} to build on`,
    {
      suggestion:
        'Take a full backup first, or allow one in place of the incremental (fullIfNeeded, --full-if-needed).',
      metadata: { since },
    },
  )
}

function otherSet({ id }: CatalogEntry): BackupError {
  return new BackupError('conflict', `Backup '${id}' belongs to another database or selection`, {
    suggestion: 'An incremental backup builds on one of the same database, resources and filters.',
    metadata: { parent: id },
  })
}

function tooLong({ id }: CatalogEntry, maxChain: number): BackupError {
  return new BackupError(
    'conflict',
    `The chain that ends with '${id}' has ${maxChain} backups, the maximum`,
    {
      suggestion:
        'Take a full backup, consolidate the chain, or allow a full one (fullIfNeeded, --full-if-needed).',
      metadata: { parent: id, maxChain },
    },
  )
}
