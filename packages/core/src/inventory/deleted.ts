import type { Manifest } from '../manifest.js'
import type { Driver } from '../ports/driver.js'
import { ancestorsOf } from './ancestors.js'
import { type Inventory, inventory, type Wanted } from './inventory.js'
import { type DeletedEntry, isDeleted } from './inventory-entry.js'
import { sizeOf } from './stored-directory.js'

/** A backup that was deleted and whose files are still there. */
export interface DeletedBackup {
  readonly id: string
  /** Its directory, relative to the driver's root. */
  readonly directory: string
  /** ISO 8601, UTC, by the clock of the machine that deleted it. */
  readonly deletedAt: string
  /**
   * From then on its files may be removed for good. Where another deleted backup builds on it that can be brought
   * back for longer, that one's time.
   */
  readonly purgeAfter: string
  /** Why it was deleted, if that was said. */
  readonly reasons: readonly string[]
  /** The backup that it builds on; `null` also if its manifest was already damaged. */
  readonly parent: string | null
  /**
   * The fields of an encrypted backup that are readable without the key; `undefined` if it was damaged when it was
   * deleted.
   */
  readonly manifest: Manifest | undefined
  /**
   * Whether all its files are there. If not, it can be brought back no more. Also `false` where the manifest cannot be
   * read and nobody knows; then `undelete` brings back what there is.
   */
  readonly complete: boolean
  readonly files: number
  /** Bytes that they take. They are free once it is purged. */
  readonly bytes: number
}

/**
 * The backups that were deleted and can still be brought back, or wait to be purged; the one that was deleted last
 * comes first. Writes nothing.
 */
export async function deleted(options: {
  readonly driver: Driver
  /** The contents of the destination, if already known. */
  readonly inventory?: Inventory | undefined
  readonly signal?: AbortSignal | undefined
}): Promise<DeletedBackup[]> {
  const { driver, signal } = options
  return deletedIn(options.inventory ?? (await inventory(driver, { signal })), { signal })
}

/** Those of an inventory. With both a manifest and a note one was not deleted yet, or is there again. */
export async function deletedIn(
  here: Inventory,
  { signal }: Pick<Wanted, 'signal'> = {},
): Promise<DeletedBackup[]> {
  const entries = await here.entries({ where: ({ holding }) => holding === 'deleted', signal })
  return lasting(entries.filter(isDeleted)).sort(lastDeletedFirst)
}

/** Each lasts as long as the longest of those that build on it. */
export function lasting(found: readonly DeletedEntry[]): DeletedBackup[] {
  const entries = new Map(found.map((entry) => [entry.id, entry]))
  const times = new Map(found.map(({ id, purgeAfter }) => [id, purgeAfter]))
  for (const { id, purgeAfter } of found)
    for (const above of ancestorsOf(id, entries))
      if (purgeAfter > (times.get(above) ?? purgeAfter)) times.set(above, purgeAfter)
  return found.map(({ state: _state, manifestText: _text, objects, ...entry }) => ({
    ...entry,
    ...sizeOf({ objects }),
    purgeAfter: times.get(entry.id) ?? entry.purgeAfter,
  }))
}

function lastDeletedFirst(a: DeletedBackup, b: DeletedBackup): number {
  return Date.parse(b.deletedAt) - Date.parse(a.deletedAt) || (a.id < b.id ? 1 : -1)
}
