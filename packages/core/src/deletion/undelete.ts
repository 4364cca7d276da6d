import * as z from 'zod'
import { BackupError, during, isBackupError } from '../errors.js'
import { checkBackupId } from '../format/backup-id.js'
import { fileKey, manifestFile } from '../format/layout.js'
import { storeOrRemove } from '../format/store-checked.js'
import { missingBackup } from '../inventory/catalog.js'
import { isDamaged, manifestText, newestNote, notesIn } from '../inventory/deletion-note.js'
import type { DeletedEntry } from '../inventory/inventory-entry.js'
import { type Timed, waitForRemovals } from '../inventory/lease.js'
import { lastSegment } from '../inventory/manifest-entry.js'
import { withLease } from '../leases/with-lease.js'
import { isFunction, isObject, parseOptions } from '../options.js'
import type { Driver } from '../ports/driver.js'
import { guard } from '../ports/guard.js'
import { findChain, missingIn } from './deleted-chain.js'

export interface UndeleteOptions {
  readonly driver: Driver
  readonly id: string
  readonly signal?: AbortSignal | undefined
  /**
   * The clock. For tests.
   * @internal
   */
  readonly now?: (() => Date) | undefined
}

export interface UndeleteReport {
  readonly id: string
  /** The backups that are there again: those that it needs first, itself last. None if it was there already. */
  readonly undeleted: readonly string[]
  /** Those of `undeleted` whose manifest was damaged when they were deleted, and still is: none can be restored. */
  readonly damaged: readonly string[]
}

/**
 * Brings back a deleted backup and the deleted ones that it needs: each manifest is written unchanged, byte for byte,
 * parents first, and read back; then the notes of their deletion are removed. Interrupted, it can be run again. A
 * backup that was damaged when it was deleted comes back as damaged.
 *
 * A purge that has begun is waited for, up to 90 seconds.
 *
 * @throws BackupError `not_found` if there is no such deleted backup, or its files are gone; `broken_chain` if a
 * backup that it needs cannot be brought back; then nothing was changed. `corrupt` if a manifest was stored wrongly,
 * or is damaged while a note still has it whole: no note was removed then. After an abort rejects with `signal.reason`.
 */
export async function undelete(options: UndeleteOptions): Promise<UndeleteReport> {
  const given = parseOptions(optionsSchema, options, { what: 'undelete options', operation: 'delete' })
  const { id, signal = new AbortController().signal, now = () => new Date() } = given
  checkBackupId(id, 'delete')
  const driver = guard(given.driver)
  const timed: Timed = { signal, now }
  try {
    const { ids: backups } = await findChain(driver, id, timed).catch(async (error: unknown) => {
      // A backup that moves from one list to the other may be missed in both.
      if (!isBackupError(error, 'broken_chain') && !isBackupError(error, 'not_found')) throw error
      await waitForRemovals(driver, [id, ...missingIn(error)], timed)
      return findChain(driver, id, timed)
    })
    const purpose = { kind: 'use', operation: 'undelete', backups } as const
    return await withLease(driver, purpose, timed, async () => {
      await waitForRemovals(driver, backups, timed)
      // Backups that were there before the lease may be gone by now.
      const { gone, directories } = await findChain(driver, id, timed)
      for (const link of gone) await bringBack(driver, link, timed)
      // Even if there was a manifest: an earlier undelete or deletion may have been interrupted.
      for (const directory of directories) await removeNotes(driver, directory, timed)
      const damaged = gone.filter(({ manifestText: text }) => isDamaged(text))
      return { id, undeleted: idsOf(gone), damaged: idsOf(damaged) }
    })
  } catch (error) {
    signal.throwIfAborted()
    throw during('delete', error)
  }
}

const optionsSchema = z.strictObject({
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  id: z.string(),
  signal: z.instanceof(AbortSignal).optional(),
  now: z.custom<() => Date>(isFunction, 'must be a function').optional(),
})

/** From now on the backup is there. Its note goes once all of the chain is. */
async function bringBack(
  driver: Driver,
  { directory, manifestText: text }: DeletedEntry,
  timed: Timed,
): Promise<void> {
  try {
    await storeOrRemove(driver, fileKey(directory, manifestFile), Buffer.from(text), {
      signal: timed.signal,
      kind: 'manifest',
    })
  } catch (error) {
    // Another process has already brought it back.
    if (!isBackupError(error, 'conflict')) throw error
  }
}

/** Not before the manifest is there, and as whole as in the notes: one of them may be all that is left of it. */
async function removeNotes(driver: Driver, directory: string, timed: Timed): Promise<void> {
  const keys = await notesIn(driver, directory, timed)
  if (keys.length === 0) return
  const text = await manifestText(driver, directory, timed)
  if (text === undefined) throw missingBackup(lastSegment(directory), 'delete')
  const kept = isDamaged(text) ? await newestNote(driver, keys, timed) : undefined
  if (kept !== undefined && kept.manifest !== text) throw spoilt(kept.id)
  for (const key of keys) await driver.delete(key, timed)
}

function spoilt(id: string): BackupError {
  return new BackupError('corrupt', `The manifest of backup '${id}' is damaged, but a copy of it is intact`, {
    suggestion: 'Delete the backup with a grace time and undelete it: that puts the copy in its place.',
    metadata: { backupId: id },
  })
}

function idsOf(some: readonly DeletedEntry[]): string[] {
  return some.map(({ id }) => id)
}
