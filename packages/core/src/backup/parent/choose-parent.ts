import { openChain } from '../../chain/open-chain.js'
import type { Link } from '../../chain/read-index.js'
import { BackupError, isBackupError } from '../../errors.js'
import { type CatalogEntry, catalogOf } from '../../inventory/catalog.js'
import { type Inventory, inventory } from '../../inventory/inventory.js'
import { isFinished } from '../../inventory/inventory-entry.js'
import type { Choices, Run } from '../backup-run.js'

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
