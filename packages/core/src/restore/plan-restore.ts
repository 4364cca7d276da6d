import { toInfo } from '../chain/chain-source.js'
import { checkedState } from '../chain/chain-state.js'
import { openChain } from '../chain/open-chain.js'
import { type Link, linksOf } from '../chain/read-index.js'
import { BackupError } from '../errors.js'
import { entryOf, type Manifest, type Part } from '../format/manifest.js'
import { checkCodecs } from '../format/part-reader.js'
import { everyEntry, hasLosses, lossesOf } from '../format/stated-losses.js'
import { readStored } from '../format/stored-part.js'
import type { ResourceInfo } from '../ports/source.js'
import type { UnreadableRecords } from '../ports/target.js'
import { select } from '../select.js'
import { drain } from '../streams/bytes.js'
import type { CheckedRestore } from './restore-options.js'

/** What will be read for a restore, and what it will bring. */
export interface ReadPlan {
  readonly chain: readonly Link[]
  readonly resources: readonly ResourceInfo[]
  readonly internal: readonly ResourceInfo[]
  /** What the backup lacks, by resource. */
  readonly unreadable: ReadonlyMap<string, UnreadableRecords>
}

/** Finds the chain of the backup and what of it was asked for. Throws before anything large is read. */
export async function planRestore(options: CheckedRestore): Promise<ReadPlan> {
  const chain = await openChain({ ...options, operation: 'restore' })
  // An ancestor may lack records: the backups after it read them again, or name them, too.
  refuseIncomplete(manifestOf(chain), options)
  const manifest = manifestOf(chain)
  const plan = { chain, ...choose(manifest, options), unreadable: unreadableIn(manifest) }
  for (const { link, parts } of partsToRead(plan)) checkCodecs(link.context, parts)
  return plan
}

function manifestOf(chain: readonly Link[]): Manifest {
  const newest = chain.at(-1)
  if (newest === undefined)
    throw new BackupError('internal', 'A chain has at least one backup', { operation: 'restore' })
  return newest.manifest
}

function unreadableIn(manifest: Manifest): ReadonlyMap<string, UnreadableRecords> {
  const entries = everyEntry(manifest).filter(hasLosses)
  return new Map(
    entries.map(({ name, lost, lostWithoutId = [] }) => [
      name,
      { ids: new Set(lost.map(({ id }) => id)), others: lostWithoutId.length > 0 },
    ]),
  )
}

function choose(manifest: Manifest, options: CheckedRestore): Pick<ReadPlan, 'resources' | 'internal'> {
  const names = select(Object.keys(manifest.resources), options)
  const unknown = Object.keys(options.rename).filter((name) => !names.includes(name))
  select(names, { resources: unknown })
  const wholeDatabase =
    options.resources === undefined && options.ids === undefined && options.filter === undefined
  return {
    resources: Object.values(manifest.resources)
      .filter(({ name }) => names.includes(name))
      .map(toInfo),
    internal: Object.values(manifest.internal)
      .filter(({ of }) => (typeof of === 'string' ? names.includes(of) : wholeDatabase))
      .map(toInfo),
  }
}

/**
 * Reads every part that will be needed and compares it with its manifest, and each resource's key index with
 * the state that the newest manifest states. Throws `corrupt` for the first difference.
 */
export async function checkPlan(plan: ReadPlan): Promise<void> {
  for (const { link, parts } of partsToRead(plan))
    for (const part of parts) await drain(readStored(link.context, part))
  for (const { name } of [...plan.resources, ...plan.internal]) await checkState(plan.chain, name)
}

async function checkState(chain: readonly Link[], name: string): Promise<void> {
  const entry = entryOf(manifestOf(chain), name)
  if (entry === undefined || !entry.ordered) return
  await drain(checkedState(chain, name, entry.state.after, () => notThatState(chain, name)))
}

function notThatState(chain: readonly Link[], resource: string): BackupError {
  const { id } = manifestOf(chain)
  return new BackupError(
    'corrupt',
    `The records of ${resource} in '${id}' and its ancestors are not those that it was made with`,
    {
      operation: 'restore',
      metadata: { backupId: id, resource, chain: chain.map((link) => link.manifest.id) },
    },
  )
}

/** The kinds of part that a restore reads; the index only to check the others. */
const kindsToRead: ReadonlySet<string> = new Set(['rows', 'raw', 'deleted', 'index'])

function partsToRead({ chain, resources, internal }: ReadPlan): { link: Link; parts: Part[] }[] {
  const names = [...resources, ...internal].map(({ name }) => name)
  const wanted = new Map<Link, Set<string>>()
  for (const name of names) {
    for (const link of linksOf(chain, name)) wanted.set(link, (wanted.get(link) ?? new Set()).add(name))
  }
  return [...wanted].map(([link, of]) => ({
    link,
    parts: link.manifest.parts.filter(({ resource, holds }) => of.has(resource) && kindsToRead.has(holds)),
  }))
}

function refuseIncomplete(manifest: Manifest, { allowIncomplete }: CheckedRestore): void {
  const { id } = manifest
  if (manifest.status === 'completed' || allowIncomplete) return
  throw new BackupError(
    'incomplete',
    `Backup '${id}' lacks records that could not be read when it was made`,
    {
      operation: 'restore',
      suggestion: 'Allow an incomplete backup (allowIncomplete) to restore what it has.',
      metadata: { backupId: id, ...lossesOf(everyEntry(manifest)) },
    },
  )
}
