import * as z from 'zod'
import { checkBackupId } from './backup-id.js'
import { findBackup, missingBackup, openCatalog } from './catalog.js'
import { ancestorsOf, type Deleted, findDeleted } from './deleted.js'
import { notesIn } from './deletion-note.js'
import type { Driver } from './driver.js'
import { BackupError, during, isBackupError } from './errors.js'
import { guard } from './guard.js'
import { fileKey, manifestFile } from './layout.js'
import { type Timed, waitForRemovals } from './lease.js'
import { isFunction, isObject, parseOptions } from './options.js'
import { once } from './streams/bytes.js'
import { withLease } from './with-lease.js'

export interface UndeleteOptions {
  readonly driver: Driver
  readonly id: string
  readonly signal?: AbortSignal | undefined
  /** The clock. For tests. */
  readonly now?: (() => Date) | undefined
}

export interface UndeleteReport {
  readonly id: string
  /** The backups that are there again: those that it needs first, itself last. None if it was there already. */
  readonly undeleted: readonly string[]
}

/**
 * Brings a deleted backup back, and with it the deleted ones that it needs: each manifest is written as it was, byte
 * for byte, parents first, and then the note of its deletion goes. Interrupted, it can be run again.
 *
 * A purge that has begun is waited for, up to 90 seconds.
 *
 * @throws BackupError `not_found` if there is no such deleted backup, or its files are gone; `broken_chain` if a
 * backup that it needs cannot be brought back. Then nothing was changed. After an abort rejects with `signal.reason`.
 */
export async function undelete(options: UndeleteOptions): Promise<UndeleteReport> {
  const given = parseOptions(optionsSchema, options, { what: 'undelete options', operation: 'delete' })
  const { id, signal = new AbortController().signal, now = () => new Date() } = given
  checkBackupId(id, 'delete')
  const driver = guard(given.driver)
  const timed: Timed = { signal, now }
  try {
    const backups = (await findChain(driver, id, timed)).map((link) => link.id)
    const purpose = { kind: 'use', operation: 'undelete', backups: [...new Set([...backups, id])] } as const
    return await withLease(driver, purpose, timed, async () => {
      await waitForRemovals(driver, backups, timed)
      // What was there before the lease may be gone by now.
      const chain = await findChain(driver, id, timed)
      for (const link of chain) await bringBack(driver, link, timed)
      await clearNotes(driver, id, timed)
      return { id, undeleted: chain.map((link) => link.id) }
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

/** What of a backup's chain is deleted, the one that needs no other first. Throws unless all of it can be brought back. */
async function findChain(driver: Driver, id: string, { signal }: Timed): Promise<Deleted[]> {
  const deleted = new Map((await findDeleted(driver, { signal })).map((entry) => [entry.id, entry]))
  const { backups, damaged } = await openCatalog(driver).list({ signal })
  const parents = new Map<string, { readonly parent: string | null }>([
    ...deleted,
    ...damaged.map((entry) => [entry.id, { parent: null }] as const),
    ...backups.map((entry) => [entry.id, { parent: entry.manifest.parent }] as const),
  ])
  if (!parents.has(id)) throw missingBackup(id, 'delete')
  const chain: Deleted[] = []
  const live = new Set([...backups, ...damaged].map((entry) => entry.id))
  for (const link of [id, ...ancestorsOf(id, parents)]) {
    const entry = deleted.get(link)
    if (live.has(link)) continue
    if (entry === undefined) throw lacking(id, link)
    if (!entry.complete) throw incomplete(id, link)
    chain.unshift(entry)
  }
  return chain
}

/** From the moment its manifest is there the backup is, too; the note only keeps others from purging it. */
async function bringBack(driver: Driver, { directory, manifestText }: Deleted, timed: Timed): Promise<void> {
  try {
    await driver.put(fileKey(directory, manifestFile), once(Buffer.from(manifestText)), timed)
  } catch (error) {
    // Somebody else has brought it back in the meantime.
    if (!isBackupError(error, 'conflict')) throw error
  }
  for (const key of await notesIn(driver, directory, timed)) await driver.delete(key, timed)
}

/** An earlier call, or a deletion, may have been interrupted while both the manifest and the note were there. */
async function clearNotes(driver: Driver, id: string, timed: Timed): Promise<void> {
  const entry = await findBackup(driver, id, { signal: timed.signal, operation: 'delete' })
  if (entry === undefined) throw missingBackup(id, 'delete')
  for (const key of await notesIn(driver, entry.directory, timed)) await driver.delete(key, timed)
}

function lacking(id: string, missing: string): BackupError {
  return new BackupError('broken_chain', `Backup '${id}' needs '${missing}', which is gone for good`, {
    metadata: { backupId: id, missing },
  })
}

function incomplete(id: string, gone: string): BackupError {
  const metadata = { backupId: id, missing: gone }
  return id === gone
    ? new BackupError('not_found', `Backup '${id}' cannot be brought back: files of it are gone`, {
        metadata,
      })
    : new BackupError('broken_chain', `Backup '${id}' needs '${gone}', of which files are gone`, { metadata })
}
