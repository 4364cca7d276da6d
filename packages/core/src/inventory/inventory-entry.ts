import type { BackupError } from '../errors.js'
import type { Manifest } from '../manifest.js'
import type { ObjectInfo } from '../ports/driver.js'
import type { CatalogEntry, DamagedEntry } from './manifest-entry.js'

/** What every entry says of its directory. */
interface Stored {
  readonly id: string
  /** Relative to the driver's root. */
  readonly directory: string
  /** Its contents, as listed. */
  readonly objects: readonly ObjectInfo[]
}

/** A backup with a sound manifest. `incomplete`: records of it could not be read when it was made. */
export interface FinishedEntry extends Stored, CatalogEntry {
  readonly state: 'complete' | 'incomplete'
}

/** A manifest that cannot be read. */
export interface SpoiltEntry extends Stored, DamagedEntry {
  readonly state: 'damaged'
}

/** Started and without a manifest. `abandoned`: started longer ago than a backup may take, without a sign of life. */
export interface BegunEntry extends Stored {
  readonly state: 'running' | 'abandoned'
  readonly type: string
  /** ISO 8601, UTC, by the clock of the process that began it. */
  readonly startedAt: string
}

/** Failed or cancelled, and left a note of it. */
export interface FailedEntry extends Stored {
  readonly state: 'failed'
  readonly type: string
  /** ISO 8601, UTC, by the clock of the process that made it, like `failedAt`. */
  readonly startedAt: string
  readonly failedAt: string
  /** Whether its signal ended it. */
  readonly cancelled: boolean
  /** The cause in the words of the error table. */
  readonly error: BackupError
  /** The start note, if it still exists: the failed backup could not remove everything. */
  readonly leftover: Pick<BegunEntry, 'state' | 'type' | 'startedAt'> | undefined
}

/** Deleted with a grace time. */
export interface DeletedEntry extends Stored {
  readonly state: 'deleted'
  /** ISO 8601, UTC, by the clock of the machine that deleted it, like `purgeAfter`. */
  readonly deletedAt: string
  /** What its own note says; deleted backups that build on it may last longer. */
  readonly purgeAfter: string
  readonly reasons: readonly string[]
  readonly parent: string | null
  /** Nothing if it was damaged when it was deleted. */
  readonly manifest: Manifest | undefined
  /** The exact text of its manifest's file. */
  readonly manifestText: string
  /** Whether all its files are there. */
  readonly complete: boolean
}

/** A backup at a destination, whatever became of it. */
export type InventoryEntry = FinishedEntry | SpoiltEntry | BegunEntry | FailedEntry | DeletedEntry

/** Whether an entry is a backup whose manifest is sound. */
export function isFinished(entry: InventoryEntry): entry is FinishedEntry {
  return entry.state === 'complete' || entry.state === 'incomplete'
}

/** Whether an entry is a backup, damaged or not. */
export function isBackup(entry: InventoryEntry): entry is FinishedEntry | SpoiltEntry {
  return entry.state === 'damaged' || isFinished(entry)
}

/** Whether an entry is a deleted backup. */
export function isDeleted(entry: InventoryEntry): entry is DeletedEntry {
  return entry.state === 'deleted'
}
