import { toInfo } from '../chain/chain-source.js'
import { checkChain, checkManifests, checkWhole, linksUsed, partsUsed } from '../chain/check-chain.js'
import { newestOf } from '../chain/newest-of.js'
import { openChain } from '../chain/open-chain.js'
import type { Link } from '../chain/read-index.js'
import { BackupError } from '../errors.js'
import { everyEntry, hasLosses, lossesOf, unreadableOf } from '../format/manifest/stated-losses.js'
import { checkCodecs } from '../format/part-reader.js'
import type { Manifest } from '../manifest.js'
import type { ResourceInfo } from '../ports/source.js'
import type { UnreadableRecords } from '../ports/target.js'
import { select } from '../select.js'
import { chooseObjects, type ObjectChoice } from '../select-objects.js'
import { drain } from '../streams/bytes.js'
import { type RecordsById, recordsById } from './records-by-id.js'
import type { CheckedRestore } from './restore-options.js'

/** What will be read for a restore, and what it will bring. */
export interface ReadPlan {
  readonly chain: readonly Link[]
  readonly resources: readonly ResourceInfo[]
  readonly internal: readonly ResourceInfo[]
  /** The choice of internal resources. */
  readonly objects: ObjectChoice
  /** Only the records with these ids, of resources. */
  readonly ids: readonly string[] | undefined
  readonly single: RecordsById
  /** Nothing of the backup is left out. */
  readonly whole: boolean
  /** The records that the backup lacks, by resource. */
  readonly unreadable: ReadonlyMap<string, UnreadableRecords>
}

/** Finds the chain of the backup and its requested content. Throws before anything large is read. */
export async function planRestore(options: CheckedRestore): Promise<ReadPlan> {
  const chain = await openChain({ ...options, operation: 'restore' })
  // Only the newest counts: it reads the records that an ancestor lacks again, or names them too.
  const { manifest } = newestOf(chain)
  refuseIncomplete(manifest, options)
  const single = recordsById(chain)
  const plan = { chain, single, ...choose(manifest, options) }
  for (const used of linksUsed(chain, namesOf(plan))) checkCodecs(used.link.context, partsUsed(used))
  return plan
}

function unreadableIn(manifest: Manifest): ReadonlyMap<string, UnreadableRecords> {
  const entries = everyEntry(manifest).filter(hasLosses)
  return new Map(entries.map((entry) => [entry.name, unreadableOf(entry)]))
}

function choose(manifest: Manifest, options: CheckedRestore): Omit<ReadPlan, 'chain' | 'single'> {
  const names = select(Object.keys(manifest.resources), options)
  const unknown = Object.keys(options.rename).filter((name) => !names.includes(name))
  if (unknown.length > 0) select(names, { resources: unknown })
  // A request for single records does not include the other objects of the database.
  const someRecords = options.ids !== undefined || options.filter !== undefined
  const wholeDatabase = options.resources === undefined && !someRecords
  const objects = chooseObjects(
    someRecords ? { ...options, resources: options.resources ?? [] } : options,
    new Set(names),
    { onlyNamed: options.transform !== undefined },
  )
  return {
    ...chosenIn(manifest, names, objects),
    ids: options.ids,
    whole: wholeDatabase && options.exclude === undefined,
  }
}

/** What a backup has of the chosen resources and objects, and what it lacks. */
export function chosenIn(
  manifest: Manifest,
  names: readonly string[],
  objects: ObjectChoice,
): Pick<ReadPlan, 'objects' | 'resources' | 'internal' | 'unreadable'> {
  return {
    objects,
    resources: Object.values(manifest.resources)
      .filter(({ name }) => names.includes(name))
      .map(toInfo),
    internal: Object.values(manifest.internal)
      .filter((info) => objects.takes(info))
      .map(toInfo),
    unreadable: unreadableIn(manifest),
  }
}

/**
 * Checks everything that will be restored, as `verify` does: the manifests, every part, and that the parts of a chain
 * belong together. For records requested by id, only the bytes that are read are checked. Throws `corrupt` for the
 * first problem.
 */
export async function checkPlan({ chain, resources, internal, whole, ids, single }: ReadPlan): Promise<void> {
  if (whole) return checkWhole(chain)
  const byId = ids === undefined ? [] : resources.filter(({ name }) => single.canRead(name))
  const others = [...resources.filter((info) => !byId.includes(info)), ...internal]
  checkManifests(
    chain,
    byId.map(({ name }) => name),
  )
  for (const { name } of byId) await drain(single.read(name, ids ?? []))
  await checkChain(
    chain,
    others.map(({ name }) => name),
  )
}

function namesOf({ resources, internal }: Pick<ReadPlan, 'resources' | 'internal'>): string[] {
  return [...resources, ...internal].map(({ name }) => name)
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
