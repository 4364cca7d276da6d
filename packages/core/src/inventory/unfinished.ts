import type { Driver } from '../ports/driver.js'
import { type Inventory, inventory, type Wanted } from './inventory.js'
import type { BegunEntry, InventoryEntry } from './inventory-entry.js'
import { sizeOf } from './stored-directory.js'

/** A directory that a backup was begun in and that has no manifest: one under way, or one that died. */
export interface Unfinished {
  readonly id: string
  /** Relative to the driver's root. */
  readonly directory: string
  readonly type: string
  /** ISO 8601, UTC, by the clock of the process that began it. */
  readonly startedAt: string
  /** Its process died: it was begun longer ago than a backup may take, and gives no sign of life. */
  readonly abandoned: boolean
  /** Objects so far. */
  readonly files: number
  /** Bytes they take. */
  readonly bytes: number
}

/**
 * The backups that were started and have no manifest, oldest first, from one listing. Their age and signs of life
 * decide whether they are still running. Writes nothing.
 */
export async function unfinished(options: {
  readonly driver: Driver
  /** Only this one. */
  readonly id?: string | undefined
  /** The contents of the destination, if already known. */
  readonly inventory?: Inventory | undefined
  readonly signal?: AbortSignal | undefined
}): Promise<Unfinished[]> {
  const { driver, id, signal } = options
  return unfinishedIn(options.inventory ?? (await inventory(driver, { signal })), { id, signal })
}

/** Those of an inventory that hold a note of a start, and neither a manifest nor a note of a deletion. */
export async function unfinishedIn(
  here: Inventory,
  { id, signal }: Pick<Wanted, 'signal'> & { readonly id?: string | undefined } = {},
): Promise<Unfinished[]> {
  const entries = await here.entries({
    where: (stored) => stored.holding === 'attempt' && (id === undefined || stored.id === id),
    signal,
  })
  return entries
    .flatMap((entry) => {
      const begun = begunOf(entry)
      if (begun === undefined) return []
      const { id, directory, objects } = entry
      const { type, startedAt, state } = begun
      return [{ id, directory, type, startedAt, abandoned: state === 'abandoned', ...sizeOf({ objects }) }]
    })
    .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
}

function begunOf(entry: InventoryEntry): Pick<BegunEntry, 'state' | 'type' | 'startedAt'> | undefined {
  if (entry.state === 'running' || entry.state === 'abandoned') return entry
  return entry.state === 'failed' ? entry.leftover : undefined
}
