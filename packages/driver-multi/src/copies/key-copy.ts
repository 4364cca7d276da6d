import { createHash } from 'node:crypto'
import { BackupError, type Call } from '@s3db-backup/core'
import { firstKeyPart, keyFilesOf, keyGeneration } from '@s3db-backup/core/internal'
import type { Replica } from '../multi-driver.js'
import type { Whereabouts } from '../states/survey.js'
import { readObject, storeCompared } from './object-copy.js'

/**
 * Copies the key files of an encrypted backup to a replica that lacks some of them. A rotation adds key files after the
 * backup was made, so they are copied from another replica, byte for byte, and compared; each is authenticated by
 * itself when it is opened. They come from the replica with the newest one alone: what it has no more was rotated away,
 * and must not spread again. Does nothing for a backup that is not encrypted. Returns the names of the copied files.
 *
 * @throws BackupError `corrupt` if there is no key file at all, or one is spoilt.
 */
export async function copyKeyFiles(backup: Whereabouts, to: Replica, call: Call): Promise<string[]> {
  if (firstKeyPart(backup.copies[0].entry.manifest) === undefined) return []
  const there = await keyFilesOf(to.driver, backup.directory, call)
  const newest = await newestKeyFiles(backup, to, call)
  if (newest === undefined && there.length === 0) throw withoutKeys(backup)
  if (newest === undefined || generationOf(newest.files) <= generationOf(there)) return []
  const lacking = newest.files.filter((file) => !there.includes(file))
  for (const file of lacking) await copyKeyFile(backup, { replica: newest.replica, file }, to, call)
  return lacking
}

/** Whether {@link copyKeyFiles} has something to copy there. */
export async function lacksKeyFiles(backup: Whereabouts, to: Replica, call: Call): Promise<boolean> {
  if (firstKeyPart(backup.copies[0].entry.manifest) === undefined) return false
  const there = await keyFilesOf(to.driver, backup.directory, call)
  const newest = await newestKeyFiles(backup, to, call)
  return newest === undefined ? there.length === 0 : generationOf(newest.files) > generationOf(there)
}

/** Whether another replica has a key file that came by a rotation and is newer than all at this one. */
export async function lacksRotation(
  backup: Whereabouts,
  { replica, files }: { readonly replica: Replica; readonly files: readonly string[] },
  call: Call,
): Promise<boolean> {
  const newest = await newestKeyFiles(backup, replica, call)
  return generationOf(newest?.files ?? []) > Math.max(1, generationOf(files))
}

async function copyKeyFile(
  { directory, copies }: Whereabouts,
  { replica, file }: { readonly replica: Replica; readonly file: string },
  to: Replica,
  call: Call,
): Promise<void> {
  const key = `${directory}/${file}`
  const bytes = await readObject(replica, key, { ...call, kind: 'keys' })
  const recorded = firstKeyPart(copies[0].entry.manifest)
  if (recorded?.file === file && createHash('sha256').update(bytes).digest('hex') !== recorded.sha256)
    throw new BackupError('corrupt', `${key} at ${replica.name} is not what was written`, {
      operation: 'download',
      driver: replica.driver.name,
      metadata: { key, replica: replica.name },
    })
  // No hash of a later key file is recorded, so it is read twice and compared.
  const again = await readObject(replica, key, { ...call, kind: 'keys' })
  await storeCompared(to, key, bytes, again, { ...call, kind: 'keys' })
}

function withoutKeys({ id, directory, copies }: Whereabouts): BackupError {
  const file = firstKeyPart(copies[0].entry.manifest)?.file
  return new BackupError('corrupt', `Backup '${id}' is encrypted and no destination has its key file`, {
    operation: 'download',
    metadata: { backupId: id, key: `${directory}/${file}` },
  })
}

interface KeyFiles {
  readonly replica: Replica
  /** Newest first. */
  readonly files: readonly string[]
}

async function newestKeyFiles(
  { directory, copies }: Whereabouts,
  to: Replica,
  call: Call,
): Promise<KeyFiles | undefined> {
  let newest: KeyFiles | undefined
  for (const { replica } of copies) {
    if (replica === to) continue
    const files = await keyFilesOf(replica.driver, directory, call)
    if (generationOf(files) > generationOf(newest?.files ?? [])) newest = { replica, files }
  }
  return newest
}

function generationOf([newest]: readonly string[]): number {
  return newest === undefined ? 0 : (keyGeneration(newest) ?? 0)
}
