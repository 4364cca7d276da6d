import * as z from 'zod'
import { checkBackupId } from '../backup-id.js'
import { missingBackup, openCatalog } from '../catalog.js'
import type { Driver } from '../driver.js'
import { BackupError, during, isBackupError } from '../errors.js'
import { guard } from '../guard.js'
import { fileKey, manifestFile } from '../layout.js'
import { type Timed, waitForRemovals } from '../leases/lease.js'
import { withLease } from '../leases/with-lease.js'
import { isFunction, isObject, parseOptions } from '../options.js'
import { once } from '../streams/bytes.js'
import { ancestorsOf, type Deleted, findDeleted } from './deleted.js'
import { notesIn } from './deletion-note.js'

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
 * for byte, parents first, and then the notes of their deletion go. Interrupted, it can be run again.
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
    const { ids: backups } = await findChain(driver, id, timed).catch(async (error: unknown) => {
      // On its way from one list to the other it may have been missed in both.
      if (!isBackupError(error, 'broken_chain') && !isBackupError(error, 'not_found')) throw error
      await waitForRemovals(driver, [id, ...missingIn(error)], timed)
      return findChain(driver, id, timed)
    })
    const purpose = { kind: 'use', operation: 'undelete', backups } as const
    return await withLease(driver, purpose, timed, async () => {
      await waitForRemovals(driver, backups, timed)
      // What was there before the lease may be gone by now.
      const { gone, directories } = await findChain(driver, id, timed)
      for (const link of gone) await bringBack(driver, link, timed)
      // Also where a manifest was there: an earlier undelete, or a deletion, may have been interrupted.
      for (const directory of directories)
        for (const key of await notesIn(driver, directory, timed)) await driver.delete(key, timed)
      return { id, undeleted: gone.map((link) => link.id) }
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

/** A backup and those that it needs, the one that needs no other first. */
interface Chain {
  readonly ids: readonly string[]
  readonly directories: readonly string[]
  /** Those that are deleted. */
  readonly gone: readonly Deleted[]
}

/** Throws unless all that is deleted of the chain can be brought back. */
async function findChain(driver: Driver, id: string, { signal }: Timed): Promise<Chain> {
  const deleted = new Map((await findDeleted(driver, { signal })).map((entry) => [entry.id, entry]))
  const { backups, damaged } = await openCatalog(driver).list({ signal })
  const live = new Map([
    ...damaged.map(({ id: one, directory }) => [one, { directory, parent: null }] as const),
    ...backups.map(({ id: one, directory, manifest: { parent } }) => [one, { directory, parent }] as const),
  ])
  const parents = new Map([...deleted, ...live])
  if (!parents.has(id)) throw missingBackup(id, 'delete')
  const chain = [id, ...ancestorsOf(id, parents)].reverse()
  const gone = chain.flatMap((link) => (live.has(link) ? [] : [restorable(deleted.get(link), link, id)]))
  const directories = chain.flatMap((link) => parents.get(link)?.directory ?? [])
  return { ids: chain, directories, gone }
}

function restorable(entry: Deleted | undefined, link: string, id: string): Deleted {
  if (entry === undefined) throw lacking(id, link)
  if (!entry.complete) throw incomplete(id, link)
  return entry
}

/** From now on the backup is there. Its note goes once all of the chain is. */
async function bringBack(driver: Driver, { directory, manifestText }: Deleted, timed: Timed): Promise<void> {
  try {
    await driver.put(fileKey(directory, manifestFile), once(Buffer.from(manifestText)), timed)
  } catch (error) {
    // Somebody else has brought it back in the meantime.
    if (!isBackupError(error, 'conflict')) throw error
  }
}

function missingIn({ metadata: { missing } }: BackupError): string[] {
  return typeof missing === 'string' ? [missing] : []
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
