import type { BackupError } from '../errors.js'
import { failedFile } from '../format/layout.js'
import type { Driver } from '../ports/driver.js'
import { type Inventory, inventory, type Wanted } from './inventory.js'
import { objectNamed, sizeOf } from './stored-directory.js'

/** A backup that failed or was cancelled, from the note at the destination. */
export interface FailedBackup {
  readonly id: string
  /** Relative to the driver's root. */
  readonly directory: string
  readonly type: string
  /** ISO 8601, UTC, by the clock of the process that made it, like `failedAt`. */
  readonly startedAt: string
  readonly failedAt: string
  /** Whether its signal ended it. */
  readonly cancelled: boolean
  /** The cause, as in the error table. The error's own text stays in the process that saw it. */
  readonly error: BackupError
  /** Objects in its directory, the note among them; more than one if it could not take all back. */
  readonly files: number
  /** Bytes they take. */
  readonly bytes: number
}

/**
 * The backups that failed or were cancelled and could leave a note of it, in the order of their failures, from
 * one listing. One that was made again under its id, or is being made again, is not among them. Writes nothing.
 */
export async function failed(options: {
  readonly driver: Driver
  /** Only this one. */
  readonly id?: string | undefined
  /** The contents of the destination, if already known. */
  readonly inventory?: Inventory | undefined
  readonly signal?: AbortSignal | undefined
}): Promise<FailedBackup[]> {
  const { driver, id, signal } = options
  return failedIn(options.inventory ?? (await inventory(driver, { signal })), { id, signal })
}

/** Those of an inventory that hold a note of a failure, and no manifest. */
export async function failedIn(
  here: Inventory,
  { id, signal }: Pick<Wanted, 'signal'> & { readonly id?: string | undefined } = {},
): Promise<FailedBackup[]> {
  const entries = await here.entries({
    where: (stored) =>
      stored.holding === 'attempt' &&
      objectNamed(stored, failedFile) !== undefined &&
      (id === undefined || stored.id === id),
    signal,
  })
  return entries
    .filter((entry) => entry.state === 'failed')
    .map(({ state: _state, leftover: _leftover, objects, ...entry }) => ({
      ...entry,
      ...sizeOf({ objects }),
    }))
    .sort((a, b) => Date.parse(a.failedAt) - Date.parse(b.failedAt))
}
