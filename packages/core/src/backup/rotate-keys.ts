import { BackupError } from '../errors.js'
import { deleteChecked } from '../format/delete-checked.js'
import { keyFilesOf, keyGeneration, newestKeys, type StoredKeys } from '../format/key-files.js'
import { fileKey } from '../format/layout.js'
import { storeOrRemove } from '../format/store-checked.js'
import { type CatalogEntry, openCatalog } from '../inventory/catalog.js'
import type { Timed } from '../inventory/lease.js'
import { rotation, whileNotCopied } from '../leases/while-not-copied.js'
import type { Call, Driver } from '../ports/driver.js'
import { guard } from '../ports/guard.js'

export interface RotateKeysOptions {
  readonly driver: Driver
  readonly id: string
  /** Makes the new key file from the one that counts now: `rotate` of `@s3db-backup/encryption`. */
  readonly rotate: (
    current: Call & { readonly backupId: string; readonly keyFile: Uint8Array },
  ) => Promise<StoredKeys>
  /**
   * Remove the older key files once the new one is stored and read back. Until then the owner of an old key still
   * finds a file that it opens. Default `false`: what is stored stays.
   */
  readonly removeOld?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** The result of a rotation. */
export interface RotateKeysReport {
  readonly id: string
  /** The key file that counts from now on. */
  readonly file: string
  /** Older key files that were removed. */
  readonly removed: readonly string[]
}

/**
 * Gives an encrypted backup other keys: a new small file beside the old one, not a byte of data touched. While it runs, a
 * lease keeps the backup from being removed or copied; a removal that has begun is waited for, up to 90 seconds.
 *
 * @throws BackupError `not_found`; `conflict` for a backup that is not encrypted, for one in several directories, if
 * another process has rotated at the same time, or, `retriable`, while a `sync` or `repair` copies it; `undecryptable` and
 * what else `rotate` throws. On failure the old keys still count, unless only the removal of older files failed.
 */
export async function rotateKeys(options: RotateKeysOptions): Promise<RotateKeysReport> {
  const { id, signal = new AbortController().signal } = options
  const driver = guard(options.driver)
  const timed = { signal, now: () => new Date() }
  const change = { id, kind: 'use', operation: rotation, refusal: 'The keys were not changed' } as const
  return whileNotCopied(driver, change, timed, (refuseCopying) =>
    rotateKept({ ...options, driver, refuseCopying }, timed),
  )
}

interface Rotation extends RotateKeysOptions {
  readonly refuseCopying: () => Promise<void>
}

async function rotateKept(
  { driver, id, rotate, removeOld = false, refuseCopying }: Rotation,
  { signal }: Timed,
): Promise<RotateKeysReport> {
  const call = { signal }
  const entry = await openCatalog(driver).get(id, { signal, operation: 'backup' })
  if (entry.manifest.encryption === undefined)
    throw new BackupError('conflict', `Backup '${id}' is not encrypted, so it has no keys to change`, {
      suggestion: 'Take a new backup with encryption; a stored one is never rewritten.',
      metadata: { backupId: id },
    })
  if (entry.copies !== undefined) throw copied(entry)
  const rotated = await newestKeys({ driver, entry }, call, (keys) =>
    rotate({ backupId: id, keyFile: keys.bytes, ...call }),
  )
  const { directory } = entry
  await refuseCopying()
  const older = await keyFilesOf(driver, directory, call)
  if (older.some((file) => generation(file) >= generation(rotated.file))) throw taken(id, rotated.file)
  await storeOrRemove(driver, fileKey(directory, rotated.file), rotated.bytes, { ...call, kind: 'keys' })
  const removed: string[] = []
  for (const file of removeOld ? older : []) {
    await refuseCopying()
    await deleteChecked(driver, fileKey(directory, file), { ...call, kind: 'keys' })
    removed.push(file)
  }
  return { id, file: rotated.file, removed }
}

/** The old keys would still open the copies. */
function copied({ id, directory, copies = [] }: CatalogEntry): BackupError {
  const directories = [directory, ...copies.map((copy) => copy.directory)]
  return new BackupError('conflict', `Backup '${id}' is in several places, ${directories.join(' and ')}`, {
    suggestion:
      'Remove all but one of these directories first; otherwise the old keys still open the others.',
    metadata: { backupId: id, directories },
  })
}

const generation = (file: string): number => keyGeneration(file) ?? 0

function taken(id: string, file: string): BackupError {
  return new BackupError('conflict', `Backup '${id}' has a key file ${file} or a newer one already`, {
    suggestion: 'Someone else changed its keys, or that file is damaged. Inspect it before you try again.',
    metadata: { backupId: id, file },
  })
}
