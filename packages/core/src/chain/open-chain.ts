import type { Operation } from '../error-table.js'
import { BackupError, isBackupError } from '../errors.js'
import { type CatalogEntry, catalogOf, openCatalog } from '../inventory/catalog.js'
import type { Inventory } from '../inventory/inventory.js'
import type { Manifest } from '../manifest.js'
import { guard } from '../ports/guard.js'
import { type Opening, openBackup } from './open-backup.js'
import type { Link } from './read-index.js'

export interface OpenChain extends Opening {
  readonly id: string
  /**
   * The contents of the destination, if already known.
   * @internal
   */
  readonly inventory?: Inventory | undefined
}

/**
 * The backups that one needs, the full one first, each ready to be read. Throws `not_found` or `broken_chain`, and
 * what {@link openBackup} throws, before anything of their content is read.
 */
export async function openChain(options: OpenChain): Promise<Link[]> {
  const { id, operation, signal, inventory } = options
  const driver = guard(options.driver)
  const catalog = inventory === undefined ? openCatalog(driver) : catalogOf(inventory)
  const entries = await catalog.chain(id, { signal, operation })
  for (const [at, { manifest }] of entries.entries())
    checkNeighbours(entries[at - 1]?.manifest, manifest, operation)
  return openInTurn(entries, (entry) => openBackup(entry, { ...options, driver }), operation)
}

/** Opens each backup of a chain. Throws `broken_chain` where an ancestor cannot be opened because it is damaged. */
export async function openInTurn(
  entries: readonly CatalogEntry[],
  open: (entry: CatalogEntry) => Promise<Link>,
  operation: Operation,
): Promise<Link[]> {
  const chain: Link[] = []
  // One at a time: stretching a passphrase takes 128 MiB.
  for (const [at, entry] of entries.entries()) {
    try {
      chain.push(await open(entry))
    } catch (error) {
      const isAncestor = at < entries.length - 1
      throw isAncestor && isBackupError(error, 'corrupt') ? brokenBy(entry, entries, error, operation) : error
    }
  }
  return chain
}

function brokenBy(
  { id }: CatalogEntry,
  entries: readonly CatalogEntry[],
  cause: BackupError,
  operation: Operation,
): BackupError {
  const child = entries.at(-1)?.id
  return new BackupError(
    'broken_chain',
    `Backup '${child}' needs '${id}', which is damaged: ${cause.message}`,
    { operation, metadata: { backupId: child, missing: id }, cause },
  )
}

/** Throws `broken_chain` for a parent of another series, or if only one of the two is encrypted. */
export function checkNeighbours(
  parent: Manifest | undefined,
  { id, set, encryption }: Manifest,
  operation: Operation,
): void {
  if (parent === undefined) return
  const why =
    parent.set !== set
      ? 'belongs to another database or selection'
      : (parent.encryption === undefined) !== (encryption === undefined)
        ? `is ${parent.encryption === undefined ? 'not encrypted as it is' : 'encrypted as it is not'}`
        : undefined
  if (why === undefined) return
  throw new BackupError('broken_chain', `Backup '${id}' builds on '${parent.id}', which ${why}`, {
    operation,
    metadata: { backupId: id, missing: parent.id },
  })
}

/** A backup whose manifest is wanted. */
export interface ReadManifest extends Omit<Opening, 'operation' | 'signal'> {
  readonly id: string
  /**
   * The contents of the destination, if already known.
   * @internal
   */
  readonly inventory?: Inventory | undefined
  /** The operation named in errors. Default `status`. */
  readonly operation?: Operation | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The catalog's entry of a backup with its whole manifest, decrypted where it is encrypted. Throws as
 * `openCatalog().get` does, `undecryptable` if the key is missing or wrong, and `conflict` for a plain backup where
 * encryption is given.
 */
export async function readManifest(options: ReadManifest): Promise<CatalogEntry> {
  const { id, operation = 'status', signal = new AbortController().signal, inventory } = options
  const driver = guard(options.driver)
  const catalog = inventory === undefined ? openCatalog(driver) : catalogOf(inventory)
  const entry = await catalog.get(id, { signal, operation })
  const { manifest } = await openBackup(entry, { ...options, driver, operation, signal })
  return { ...entry, manifest }
}

/** The whole manifests of a backup and of those that it needs, the full one first. Throws as `restore` would. */
export async function readManifests(options: ReadManifest): Promise<Manifest[]> {
  const { operation = 'status', signal = new AbortController().signal } = options
  return (await openChain({ ...options, operation, signal })).map(({ manifest }) => manifest)
}
