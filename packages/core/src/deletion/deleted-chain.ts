import { BackupError } from '../errors.js'
import { missingBackup } from '../inventory/catalog.js'
import { type Inventory, inventory, lookAgain } from '../inventory/inventory.js'
import {
  type DeletedEntry,
  type FinishedEntry,
  type InventoryEntry,
  isBackup,
  isDeleted,
  type SpoiltEntry,
} from '../inventory/inventory-entry.js'
import type { Call, Driver } from '../ports/driver.js'

/** A backup and those that it needs, the one that needs no other first. */
export interface Chain {
  readonly ids: readonly string[]
  readonly directories: readonly string[]
  /** Those that are deleted. */
  readonly gone: readonly DeletedEntry[]
}

/**
 * The chain of a backup, whether it is there or deleted. Throws `not_found` or `broken_chain` unless all that is
 * deleted of the chain can be brought back. Of each backup of the chain only its own manifest or note is read.
 */
export async function findChain(driver: Driver, id: string, { signal }: Call): Promise<Chain> {
  const here = await inventory(driver, { signal })
  const links: Link[] = []
  for (let next: string | null = id; next !== null && !links.some((link) => link.id === next); ) {
    const link: Link = { id: next, entry: await readLink(driver, here, next, { signal }) }
    if (link.entry === undefined && next === id) throw missingBackup(id, 'delete')
    links.unshift(link)
    next = parentOf(link.entry)
  }
  return {
    ids: links.map((link) => link.id),
    directories: links.flatMap(({ entry }) => entry?.directory ?? []),
    gone: links.flatMap(({ id: link, entry }) =>
      entry === undefined || entry.state === 'deleted' ? [restorable(entry, link, id)] : [],
    ),
  }
}

interface Link {
  readonly id: string
  readonly entry: Linked | undefined
}

type Linked = DeletedEntry | FinishedEntry | SpoiltEntry

/** The backup of that id: the one that is there, damaged or not, before one that is deleted. */
async function readLink(
  driver: Driver,
  here: Inventory,
  id: string,
  call: Call,
): Promise<Linked | undefined> {
  const entries = await here.entries({ where: (stored) => stored.id === id && stored.holding !== 'attempt' })
  return (
    liveFirst(entries) ??
    liveFirst(
      await lookAgain(
        driver,
        here.directories.filter((stored) => stored.id === id),
        call,
      ),
    )
  )
}

function liveFirst(entries: readonly InventoryEntry[]): Linked | undefined {
  const deleted = entries.filter(isDeleted)
  // Of several deleted copies, a whole one can be brought back.
  return [...entries.filter(isBackup), ...deleted.filter(({ complete }) => complete), ...deleted][0]
}

function parentOf(entry: Linked | undefined): string | null {
  if (entry === undefined || entry.state === 'damaged') return null
  return entry.state === 'deleted' ? entry.parent : entry.manifest.parent
}

function restorable(entry: DeletedEntry | undefined, link: string, id: string): DeletedEntry {
  if (entry === undefined) throw lacking(id, link)
  if (entry.manifest !== undefined && !entry.complete) throw incomplete(id, link)
  return entry
}

/** The backup that a chain lacks, from the error of {@link findChain}. */
export function missingIn({ metadata: { missing } }: BackupError): string[] {
  return typeof missing === 'string' ? [missing] : []
}

function lacking(id: string, missing: string): BackupError {
  return new BackupError('broken_chain', `Backup '${id}' needs '${missing}', which was permanently removed`, {
    metadata: { backupId: id, missing },
  })
}

function incomplete(id: string, gone: string): BackupError {
  const metadata = { backupId: id, missing: gone }
  return id === gone
    ? new BackupError('not_found', `Backup '${id}' cannot be undeleted: some of its files are missing`, {
        metadata,
      })
    : new BackupError('broken_chain', `Backup '${id}' needs '${gone}', which lacks files`, { metadata })
}
